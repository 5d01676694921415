import { ContractsPage } from '../../../../../../features/contracts/contracts-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('contracts');

export default ContractsPage;
