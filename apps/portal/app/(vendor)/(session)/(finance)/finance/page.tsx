import { FinancePage } from '../../../../../features/finance/finance-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('finance');

export default FinancePage;
