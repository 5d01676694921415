import { CityInvoicePage } from '../../../../../../../features/invoices/city-invoice-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('cityInvoices');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <CityInvoicePage id={(await params).id} />;
}
