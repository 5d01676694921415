import { InvoicesPage } from '../../../../../../features/invoices/invoices-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('invoices');

export default InvoicesPage;
