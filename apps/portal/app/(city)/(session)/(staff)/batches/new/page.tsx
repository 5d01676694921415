import { NewBatchPage } from '../../../../../../features/batches/new-batch-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('batches');

export default NewBatchPage;
