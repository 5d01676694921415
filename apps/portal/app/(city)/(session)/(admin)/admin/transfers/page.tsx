import { TransfersPage } from '../../../../../../features/transfers/transfers-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('transfers');

export default TransfersPage;
