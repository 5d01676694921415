import { UrgentPage } from '../../../../../../features/urgent/urgent-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('urgent');

export default UrgentPage;
