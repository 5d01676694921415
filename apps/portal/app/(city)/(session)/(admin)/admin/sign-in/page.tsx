import { IdentityProvidersPage } from '../../../../../../features/identity-providers/identity-providers-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('identityProviders');

export default IdentityProvidersPage;
