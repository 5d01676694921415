import { PoolPage } from '../../../../../../features/pool/pool-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('pool');

export default PoolPage;
