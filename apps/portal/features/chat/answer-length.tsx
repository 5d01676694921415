'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { Model } from '#libs/api-client';
import { InlineSelect } from './chat-options.tsx';
import { useDraft } from './use-draft.ts';

/** Enough for an ordinance's draft. The budget holds as much until the answer is there, so a model's utmost is not offered. */
const LONG_TOKENS = 8_192;

interface AnswerLength {
  /** Undefined for the usual length, which is the API's to know. */
  maxTokens: number | undefined;
  /** Null where the model can write nothing longer than usual. */
  choices: { usual: number; long: number } | null;
  setLong: (isLong: boolean) => void;
}

/** How long an answer may be, kept for the tab. */
export function useAnswerLength(model: Model | undefined): AnswerLength {
  const [kept, keep] = useDraft('length');
  const usual = model?.defaultMaxTokens ?? 0;
  const long = Math.min(LONG_TOKENS, model?.maxOutputTokens ?? 0);
  const choices = long > usual ? { usual, long } : null;
  return {
    maxTokens: choices && kept ? choices.long : undefined,
    choices,
    setLong: (isLong) => keep(isLong ? 'long' : ''),
  };
}

export function AnswerLengthSelect({ length: { maxTokens, choices, setLong } }: { length: AnswerLength }) {
  const t = useTranslations('chat');
  const format = useFormatter();
  if (!choices) return null;
  return (
    <InlineSelect
      label={t('length')}
      value={maxTokens ? 'long' : ''}
      onChange={(value) => setLong(value !== '')}
      choices={[
        { value: '', label: t('lengthUsual', { tokens: format.number(choices.usual) }) },
        { value: 'long', label: t('lengthLong', { tokens: format.number(choices.long) }) },
      ]}
    />
  );
}
