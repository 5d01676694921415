import { UsagePage } from '../../../../../../features/usage/usage-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('usage');

export default UsagePage;
