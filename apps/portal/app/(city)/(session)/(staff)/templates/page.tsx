import { TemplatesPage } from '../../../../../features/templates/templates-page.tsx';
import { titled } from '../../../../../i18n/page-title.ts';

export const generateMetadata = titled('templates');

export default TemplatesPage;
