import { CitySignIn } from '../../../features/session/sign-in-page.tsx';
import { titled } from '../../../i18n/page-title.ts';

export const generateMetadata = titled('signIn');

export default CitySignIn;
