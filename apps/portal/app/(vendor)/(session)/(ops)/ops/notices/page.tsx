import { MaintenancePage } from '../../../../../../features/notices/maintenance-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('maintenance');

export default MaintenancePage;
