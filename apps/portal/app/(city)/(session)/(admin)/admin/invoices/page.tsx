import { CityInvoicesPage } from '../../../../../../features/invoices/city-invoices-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('cityInvoices');

export default CityInvoicesPage;
