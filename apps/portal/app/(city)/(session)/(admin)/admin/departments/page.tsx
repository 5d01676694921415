import { DepartmentsPage } from '../../../../../../features/departments/departments-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('departments');

export default DepartmentsPage;
