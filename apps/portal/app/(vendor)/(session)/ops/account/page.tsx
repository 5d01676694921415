import { VendorAccount } from '../../../../../features/security/account-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('account');

export default VendorAccount;
