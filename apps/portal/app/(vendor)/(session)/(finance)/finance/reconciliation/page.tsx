import { ReconciliationPage } from '../../../../../../features/reconciliation/reconciliation-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('reconciliation');

export default ReconciliationPage;
