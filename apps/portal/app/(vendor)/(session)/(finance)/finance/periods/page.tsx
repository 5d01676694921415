import { PeriodsPage } from '../../../../../../features/periods/periods-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('periods');

export default PeriodsPage;
