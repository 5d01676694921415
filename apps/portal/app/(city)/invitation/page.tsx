import { InvitationPage } from '../../../features/invitation/invitation-page.tsx';
import { titled } from '../../../i18n/page-title.ts';

export const generateMetadata = titled('invitation');

export default InvitationPage;
