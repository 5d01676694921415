import { RosterImportsPage } from '../../../../../../../features/roster/imports-page.tsx';
import { titled } from '../../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('rosterImport');

export default RosterImportsPage;
