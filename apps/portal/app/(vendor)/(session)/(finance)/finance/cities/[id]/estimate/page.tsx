import { VendorEstimatePage } from '../../../../../../../../features/estimate/vendor-estimate-page.tsx';
import { titled } from '../../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('estimate');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <VendorEstimatePage cityId={(await params).id} />;
}
