import { MembersPage } from '../../../../../../features/members/members-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('members');

export default MembersPage;
