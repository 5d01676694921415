import { ApiKeysPage } from '../../../../../../features/api-keys/api-keys-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('apiKeys');

export default ApiKeysPage;
