import { InvoicePage } from '../../../../../../../features/invoices/invoice-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('invoices');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <InvoicePage id={(await params).id} />;
}
