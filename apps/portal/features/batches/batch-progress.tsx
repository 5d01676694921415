'use client';

import { useTranslations } from 'use-intl';
import type { Batch } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { endedRows } from './use-batch.ts';

type RowState = keyof Batch['counts'];

export const ROW_STATES: readonly RowState[] = ['completed', 'failed', 'cancelled', 'running', 'queued'];
export const ROW_TONES: Record<RowState, BadgeTone> = {
  completed: 'green',
  failed: 'red',
  cancelled: 'neutral',
  running: 'blue',
  queued: 'yellow',
};
const FILLS: Partial<Record<RowState, string>> = {
  completed: 'fill-success-2',
  failed: 'fill-error-1',
  cancelled: 'fill-solid-gray-536',
};
/** Said aloud as often as this, not with every row. */
const ANNOUNCED_PERCENT = 25;

/** How far a batch is: one bar, its counts in words, and now and then a word for those who do not see it. */
export function BatchProgress({ batch }: { batch: Batch }) {
  const t = useTranslations('batches');
  const { number } = useFormats();
  const { counts, rowCount, state } = batch;
  const ended = endedRows(batch);
  const text = t('progressText', { ended: number(ended), total: number(rowCount) });
  const percent = Math.floor((ended / rowCount) * (100 / ANNOUNCED_PERCENT)) * ANNOUNCED_PERCENT;
  const drawn = (['completed', 'failed', 'cancelled'] as const).map((one, index, all) => ({
    state: one,
    from: all.slice(0, index).reduce((sum, before) => sum + counts[before], 0) / rowCount,
    width: counts[one] / rowCount,
  }));
  return (
    <section aria-label={t('progress')} className="flex flex-col gap-3">
      <p className="text-std-16B-170 tabular-nums">{text}</p>
      <svg
        role="progressbar"
        aria-label={t('progress')}
        aria-valuemin={0}
        aria-valuemax={rowCount}
        aria-valuenow={ended}
        aria-valuetext={text}
        className="h-4 w-full rounded-full bg-solid-gray-200"
        data-edge
      >
        {drawn.map((bar) => (
          <rect
            key={bar.state}
            x={`${bar.from * 100}%`}
            width={`${bar.width * 100}%`}
            height="100%"
            className={FILLS[bar.state]}
          />
        ))}
      </svg>
      <ul className="flex flex-wrap gap-x-4 gap-y-2">
        {ROW_STATES.map((one) => (
          <li key={one} data-testid={`count-${one}`} className="flex items-center gap-2 tabular-nums">
            <Badge tone={ROW_TONES[one]}>{t(`rowStates.${one}`)}</Badge>
            {number(counts[one])}
          </li>
        ))}
      </ul>
      <span role="status" className="sr-only">
        {state === 'finished' ? t('announceFinished') : percent > 0 && t('announce', { percent: String(percent) })}
      </span>
    </section>
  );
}
