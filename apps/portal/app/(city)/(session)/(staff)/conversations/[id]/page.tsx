import { ConversationPage } from '../../../../../../features/chat/conversation-page.tsx';
import { titled } from '../../../../../../i18n/page-title.ts';

export const generateMetadata = titled('chat');

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return <ConversationPage id={(await params).id} />;
}
