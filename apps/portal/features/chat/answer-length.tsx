'use client';

import { useTranslations } from 'use-intl';
import type { Model } from '#libs/api-client';
import { InlineSelect } from './chat-options.tsx';
import { useDraft } from './use-draft.ts';

/** Enough for an ordinance's draft. The budget holds as much until the answer is there, so a model's utmost is not offered. */
const LONG_TOKENS = 8_192;

interface AnswerLength {
  /** Undefined for the usual length, which is the API's to know. */
  maxTokens: number | undefined;
  /** False where the model can write nothing longer than usual. */
  isOffered: boolean;
  setLong: (isLong: boolean) => void;
}

/** How long an answer may be, kept for the tab. */
export function useAnswerLength(model: Model | undefined): AnswerLength {
  const [kept, keep] = useDraft('length');
  const long = Math.min(LONG_TOKENS, model?.maxOutputTokens ?? 0);
  const isOffered = long > (model?.defaultMaxTokens ?? 0);
  return {
    maxTokens: isOffered && kept ? long : undefined,
    isOffered,
    setLong: (isLong) => keep(isLong ? 'long' : ''),
  };
}

export function AnswerLengthSelect({ length: { maxTokens, isOffered, setLong } }: { length: AnswerLength }) {
  const t = useTranslations('chat');
  if (!isOffered) return null;
  return (
    <InlineSelect
      label={t('length')}
      value={maxTokens ? 'long' : ''}
      onChange={(value) => setLong(value !== '')}
      choices={[
        { value: '', label: t('lengthUsual') },
        { value: 'long', label: t('lengthLong') },
      ]}
    />
  );
}
