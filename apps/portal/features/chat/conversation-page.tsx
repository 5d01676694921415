'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { PageBody } from '../session/shell.tsx';
import { ChatView } from './chat-view.tsx';
import { useConversation } from './use-chat.ts';

export function NewChatPage() {
  const t = useTranslations('pages');
  return <ChatView title={t('chat')} turns={[]} />;
}

export function ConversationPage({ id }: { id: string }) {
  const t = useTranslations('chat');
  const conversation = useConversation(id);
  if (conversation.data) {
    return <ChatView key={id} conversationId={id} title={conversation.data.title} turns={conversation.data.turns} />;
  }
  if (!conversation.error) {
    return (
      <PageBody>
        <Skeleton rows={6} />
      </PageBody>
    );
  }
  const isMissing = conversation.error instanceof ApiProblem && conversation.error.status === 404;
  return (
    <PageBody>
      <h1 className="text-std-28B-150">{t(isMissing ? 'missing' : 'unreadable')}</h1>
      {isMissing ? (
        <>
          <p>{t('missingLead')}</p>
          <Link href="/" className={`${buttonClass()} self-start`}>
            {t('startNew')}
          </Link>
        </>
      ) : (
        <ProblemNotice error={conversation.error} onRetry={() => void conversation.refetch()} />
      )}
    </PageBody>
  );
}
