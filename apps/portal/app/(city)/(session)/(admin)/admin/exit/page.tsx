import { CityExitPage } from '../../../../../../features/exit/city-exit-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('cityExit');

export default CityExitPage;
