import { NewChatPage } from '../../../../features/chat/conversation-page.tsx';
import { titled } from '../../../../i18n/page-title.ts';

export const generateMetadata = titled('chat');

export default NewChatPage;
