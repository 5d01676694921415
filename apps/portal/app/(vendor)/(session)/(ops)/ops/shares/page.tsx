import { SharesPage } from '../../../../../../features/pool/shares-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('shares');

export default SharesPage;
