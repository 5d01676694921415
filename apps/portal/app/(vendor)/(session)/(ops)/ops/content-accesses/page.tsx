import { VendorAccessesPage } from '../../../../../../features/content-access/vendor-accesses.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('contentAccesses');

export default VendorAccessesPage;
