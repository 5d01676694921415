'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { homeOf } from '../session/access.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { PageBody } from '../session/shell.tsx';
import { ChatView } from './chat-view.tsx';
import { useConversation } from './use-chat.ts';

/** The portal's bare address: who has no chat, as an auditor, is led to where they work. */
export function NewChatPage() {
  const t = useTranslations('pages');
  const router = useRouter();
  const home = homeOf(useSignedIn());
  const isElsewhere = home !== '/';
  useEffect(() => {
    if (isElsewhere) router.replace(home);
  }, [isElsewhere, home, router]);
  if (isElsewhere)
    return (
      <PageBody>
        <Skeleton rows={6} />
      </PageBody>
    );
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
