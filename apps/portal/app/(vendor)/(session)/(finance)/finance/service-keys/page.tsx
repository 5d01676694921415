import { ServiceKeysPage } from '../../../../../../features/service-keys/service-keys-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('serviceKeys');

export default ServiceKeysPage;
