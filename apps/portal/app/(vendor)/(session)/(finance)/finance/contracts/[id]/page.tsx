import { ContractPage } from '../../../../../../../features/contracts/contract-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('contracts');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ContractPage id={(await params).id} />;
}
