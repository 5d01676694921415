import { AuditPage } from '../../../../../../features/audit/audit-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('audit');

export default AuditPage;
