'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Turn } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { TemplateButton } from '../templates/template-button.tsx';
import { AnswerLengthSelect, useAnswerLength } from './answer-length.tsx';
import { ChatOptionsBar, useChatOptions } from './chat-options.tsx';
import { Composer } from './composer.tsx';
import { KeptUntil } from './kept-until.tsx';
import { isRunning } from './live-job.ts';
import { StickToEnd } from './stick-to-end.tsx';
import { TurnView } from './turn-view.tsx';
import { useAsk } from './use-chat.ts';
import { useDraft } from './use-draft.ts';

interface ChatViewProps {
  /** Absent before the first question. */
  conversationId?: string;
  title: string;
  turns: readonly Turn[];
}

/** A conversation: its turns, and below them the place to ask the next question. */
export function ChatView({ conversationId, title, turns }: ChatViewProps) {
  const t = useTranslations('chat');
  const options = useChatOptions();
  const [text, setText] = useDraft(conversationId ?? 'new');
  const area = useRef<HTMLTextAreaElement>(null);
  const foot = useRef<HTMLDivElement>(null);
  const [isPurposeMissing, setPurposeMissing] = useState(false);
  const ask = useAsk(conversationId);
  const { model, purposeCode, isPurposeRequired, isReady } = options;
  const length = useAnswerLength(model);
  // Asked, but perhaps before the choices were known: it goes as soon as they are
  const [due, setDue] = useState<{ prompt: string; isDraft: boolean }>();
  const askAgain = useCallback((prompt: string) => setDue({ prompt, isDraft: false }), []);
  const goOn = useCallback(() => setDue({ prompt: t('goOnPrompt'), isDraft: false }), [t]);
  const isSending = due !== undefined || ask.isPending;
  const isModelMissing = isReady && !model && !options.error;
  const isPurposeAsked = isPurposeMissing && !purposeCode;
  const isRefused = ask.error !== null || isPurposeAsked;

  /** Before what is written already: nothing of it is lost. */
  const putBefore = (words: string) => {
    setText(text ? `${words}\n${text}` : words);
    area.current?.focus();
  };

  useEffect(() => {
    if (!due || !isReady) return;
    setDue(undefined);
    const isMissing = isPurposeRequired && !purposeCode;
    setPurposeMissing(isMissing);
    if (isMissing || !model || ask.isPending) return;
    const { id, simulated } = model;
    ask.mutate(
      { prompt: due.prompt, model: id, simulated, purposeCode: purposeCode || undefined, maxTokens: length.maxTokens },
      { onSuccess: () => due.isDraft && setText('') },
    );
  }, [due, isReady]);

  useEffect(() => {
    if (isRefused) foot.current?.scrollIntoView({ block: 'end' });
  }, [isRefused]);

  // A first question opens a page of its own: whoever asked goes on writing there
  useEffect(() => {
    if (turns.some(isRunning) && document.activeElement === document.body) area.current?.focus({ preventScroll: true });
  }, []);

  return (
    <div className="mx-auto flex w-full max-w-[56rem] grow flex-col px-4 sm:px-8">
      <h1 className={turns.length ? 'pt-6 text-std-20B-150' : 'sr-only'}>{title}</h1>
      {turns.length > 0 && conversationId ? (
        <div className="flex grow flex-col gap-10 py-6">
          {turns.map((turn, index) => {
            const isLast = index === turns.length - 1;
            return (
              <TurnView
                key={turn.jobId}
                conversationId={conversationId}
                turn={turn}
                number={index + 1}
                onRetry={askAgain}
                onGoOn={isLast ? goOn : undefined}
                isSending={isLast && isSending}
                area={area}
              />
            );
          })}
          <StickToEnd turnCount={turns.length} />
        </div>
      ) : (
        <Welcome />
      )}
      <div
        ref={foot}
        // What sticks cannot be scrolled: of a long refusal in a small window the first words would never be seen
        className={`bottom-0 flex flex-col gap-3 bg-white pt-3 pb-4 ${isRefused ? '' : 'tall:sticky'}`}
      >
        {options.error && <ProblemNotice error={options.error} onRetry={options.retry} />}
        {isModelMissing && <Banner tone="warning" title={t('noModel')} />}
        {ask.error && <ProblemNotice error={ask.error} />}
        {isPurposeAsked && <Banner tone="error" role="alert" title={t('purposeMissing')} />}
        <ChatOptionsBar options={options}>
          <AnswerLengthSelect length={length} />
          <div className="ml-auto">
            <TemplateButton onUse={putBefore} />
          </div>
        </ChatOptionsBar>
        <Composer
          area={area}
          text={text}
          onChange={setText}
          onSend={() => setDue({ prompt: text, isDraft: true })}
          isSending={isSending}
          autoFocus={turns.length === 0}
        />
        <p className="text-dns-14N-130 text-solid-gray-700">{t('notice')}</p>
        <KeptUntil turns={turns} />
      </div>
    </div>
  );
}

function Welcome() {
  const t = useTranslations('chat');
  return (
    <div className="flex grow flex-col justify-center gap-3 py-8">
      <p className="text-std-28B-150">{t('welcome')}</p>
      <p className="text-std-16N-170 text-solid-gray-700">{t('welcomeLead')}</p>
    </div>
  );
}
