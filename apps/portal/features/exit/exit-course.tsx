'use client';

import { useTranslations } from 'use-intl';
import type { CityExit } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

const TONES: Record<CityExit['state'], BadgeTone> = {
  planned: 'yellow',
  frozen: 'purple',
  exported: 'purple',
  waiting: 'purple',
  deleting: 'red',
  deleted: 'neutral',
  withdrawn: 'neutral',
};

/** How far a city's exit is, for both parties: what was done and when, and the first step still to come. */
export function ExitCourse({ exit, deletedAt }: { exit: CityExit; deletedAt: string | null }) {
  const t = useTranslations('exit');
  const { day, time } = useFormats();
  const steps = [
    ['planned', exit.plannedAt],
    ['agreed', exit.agreedAt],
    ['frozen', exit.frozenAt],
    ['exported', exit.exportedAt],
    ['handedOver', exit.handedOverAt],
    ['deleted', deletedAt],
  ] as const;
  const next = exit.state === 'withdrawn' ? undefined : steps.find(([, at]) => at === null)?.[0];
  return (
    <div className="flex flex-col gap-4">
      <Badge tone={TONES[exit.state]}>{t(`states.${exit.state}`)}</Badge>
      <p className="whitespace-pre-wrap">{t('reasonOf', { reason: exit.reason })}</p>
      <ol aria-label={t('steps')} className="flex flex-col gap-2">
        {steps.map(([step, at], index) => (
          <li
            key={step}
            aria-current={step === next ? 'step' : undefined}
            className="flex flex-wrap gap-x-4 aria-[current=step]:font-700"
          >
            <span>
              {index + 1}. {t(`stepNames.${step}`)}
            </span>
            <span className="tabular-nums">{at ? t('at', { time: time(at) }) : t('notYet')}</span>
          </li>
        ))}
      </ol>
      <p>
        {exit.contractEndsOn
          ? t('waitingDays', { days: exit.waitingDays, contractEnd: day(exit.contractEndsOn) })
          : t('waitingDaysAlone', { days: exit.waitingDays })}
      </p>
      {exit.deleteFrom && exit.state === 'waiting' && (
        <p className="text-std-16B-170">{t('deleteFrom', { day: day(exit.deleteFrom) })}</p>
      )}
    </div>
  );
}
