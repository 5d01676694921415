import { BatchesPage } from '../../../../../features/batches/batches-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('batches');

export default BatchesPage;
