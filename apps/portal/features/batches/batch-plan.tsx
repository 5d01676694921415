'use client';

import { useTranslations } from 'use-intl';
import type { Batch } from '#libs/api-client';
import { useFormats } from '../../i18n/use-formats.ts';
import { useChatOptions } from '../chat/chat-options.tsx';

/** What is asked of the model for each row, and what that has used so far. */
export function BatchPlan({ batch: { plan, state, usage, isUsageFinal } }: { batch: Batch }) {
  const t = useTranslations('batches');
  const { number } = useFormats();
  const { models, purposes } = useChatOptions();
  if (!plan) return null;
  const { model, maxTokens, purposeCode, template } = plan;
  const used = usage ? t('usage', usageWords(usage, number)) : '—';
  const isOwed = state === 'finished' && !isUsageFinal;
  // What is not offered any more keeps the name that the plan has for it
  const facts = [
    [t('model'), models.find(({ id }) => id === model)?.displayName ?? model],
    [t('maxTokens'), number(maxTokens)],
    ...(purposeCode === null
      ? []
      : [[t('purpose'), purposes.find(({ code }) => code === purposeCode)?.name ?? purposeCode]]),
    [t('used'), isOwed ? `${used} ${t('usageOwed')}` : used],
  ];
  return (
    <section aria-label={t('plan')} className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('plan')}</h2>
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[14rem_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-std-16B-170">{name}</dt>
            <dd className="mb-2 break-words tabular-nums sm:mb-0">{value}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary className="text-dns-14B-130">{t('template')}</summary>
        <p className="mt-2 rounded-8 bg-solid-gray-50 p-4 break-words whitespace-pre-wrap">{template}</p>
      </details>
    </section>
  );
}

/** Tokens that a cache spared or kept were put in as well. */
function usageWords(usage: NonNullable<Batch['usage']>, number: (value: number) => string) {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  const input = inputTokens + cacheReadTokens + cacheWriteTokens;
  return { total: number(input + outputTokens), input: number(input), output: number(outputTokens) };
}
