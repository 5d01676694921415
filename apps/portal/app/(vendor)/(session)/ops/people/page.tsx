import { VendorPeoplePage } from '../../../../../features/security/vendor-people-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('vendorPeople');

export default VendorPeoplePage;
