import { NoticesPage } from '../../../../features/notices/notices-page.tsx';
import { titled } from '../../../../i18n/page-title.ts';

export const generateMetadata = titled('notices');

export default NoticesPage;
