import { BudgetPage } from '../../../../../../features/budget/budget-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('budget');

export default BudgetPage;
