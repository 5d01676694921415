import { SegmentsPage } from '../../../../../../features/segments/segments-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('networks');

export default SegmentsPage;
