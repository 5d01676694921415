import { PurposesPage } from '../../../../../../features/purposes/purposes-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('purposes');

export default PurposesPage;
