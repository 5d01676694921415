'use client';

import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';
import type { Unit } from './course-chart.tsx';

/** How the figures of a chart are written: short on its axis, in full beside it. */
export function useFigures(unit: Unit): { short: (value: number) => string; full: (value: number) => string } {
  const t = useTranslations('pool');
  const { compact, number, percent } = useFormats();
  if (unit === 'percent') return { short: percent, full: percent };
  if (unit === 'seconds') return { short: compact, full: (value) => t('seconds', { seconds: value }) };
  return { short: compact, full: (value) => number(Math.round(value * 10) / 10) };
}
