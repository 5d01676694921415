'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { SegmentPolicy } from '#libs/api-client';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import type { PolicyCardProps } from './policy-card.tsx';
import { keepsLess } from './policy-change.ts';
import { type PolicySwitch, usePolicyWords } from './use-policy-words.ts';

interface PolicyPreviewProps extends Pick<PolicyCardProps, 'models' | 'forecast'> {
  readonly before: SegmentPolicy;
  readonly after: SegmentPolicy;
}

/** What would be different, before and after, and what that does to people who are at work there. */
export function PolicyPreview({ before, after, models, forecast }: PolicyPreviewProps) {
  const t = useTranslations('networks');
  const words = usePolicyWords((id) => models.find((model) => model.id === id)?.displayName ?? id);
  const was = words(before);
  const changes = words(after).flatMap((line, index) => {
    const earlier = was[index]!.value;
    return line.value === earlier ? [] : [{ ...line, earlier, effect: t(effectOf(line.name, after)) }];
  });
  return (
    <section
      aria-live="polite"
      aria-label={t('preview')}
      className="flex flex-col gap-3 rounded-8 bg-solid-gray-50 p-4"
    >
      <h3 className="text-std-16B-170">{t('preview')}</h3>
      {changes.length === 0 && <p>{t('noChange')}</p>}
      <ul className="flex flex-col gap-3">
        {changes.map(({ name, label, earlier, value, effect }) => (
          <li key={name} className="flex flex-col gap-1 break-words">
            <span className="text-std-16B-170">{label}</span>
            <span>{t('fromTo', { from: earlier, to: value })}</span>
            <span className="text-dns-14N-130 text-solid-gray-700">{effect}</span>
            {name === 'retention' && keepsLess(before, after) && forecast && (
              <Erasures segment={before.segment} days={after.retentionDays!} forecast={forecast} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The key of the words for what a change of this switch does. */
function effectOf(name: PolicySwitch, { open, takeOut, attachments, retentionDays, mfa }: SegmentPolicy) {
  switch (name) {
    case 'open':
      return open ? 'effects.opened' : 'effects.closed';
    case 'attachments':
      return attachments ? 'effects.allowed' : 'effects.attachments';
    case 'copy':
      return takeOut.copy ? 'effects.allowed' : 'effects.copy';
    case 'download':
    case 'export':
      return takeOut[name] ? 'effects.recorded' : 'effects.takeOut';
    case 'retention':
      return retentionDays === null ? 'effects.keptOn' : 'effects.retention';
    case 'mfa':
      return mfa === 'required' ? 'effects.mfa' : 'effects.allowed';
    default:
      return `effects.${name}` as const;
  }
}

function Erasures({
  segment,
  days,
  forecast,
}: {
  segment: string;
  days: number;
  forecast: NonNullable<PolicyCardProps['forecast']>;
}) {
  const t = useTranslations('networks');
  const { number } = useFormats();
  const erasures = useQuery({ queryKey: ['erasures', segment, days], queryFn: () => forecast(days) });
  if (erasures.error) return <ProblemNotice error={erasures.error} onRetry={() => void erasures.refetch()} />;
  if (!erasures.data) return <span role="status">{t('counting')}</span>;
  const { questions, conversations, batches } = erasures.data;
  return (
    <strong className="text-error-2">
      {t('erasures', {
        questions: number(questions),
        conversations: number(conversations),
        batches: number(batches),
      })}
    </strong>
  );
}
