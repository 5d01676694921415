import { CitiesPage } from '../../../../../features/cities/cities-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('cities');

export default CitiesPage;
