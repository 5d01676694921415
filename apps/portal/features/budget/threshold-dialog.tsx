'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Dialog } from '../../components/dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { api } from '../session/api.ts';

const USUAL = [50, 80, 100];
const LIST = /^\d{1,3}(?:\s*[,、]\s*\d{1,3}){0,4}$/;

const toPercents = (text: string): number[] =>
  [...new Set(text.split(/[,、]/).map((part) => Number(part.trim())))].sort((a, b) => a - b);

/** At which shares of a limit those concerned are told, from this month on. */
export function ThresholdDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('budget');
  const common = useTranslations('common');
  const client = useQueryClient();
  const month = jstMonth();
  const budgets = useQuery({
    queryKey: ['budgets', month],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/budgets', { params: { query: { from: month, to: month } }, signal })),
  });
  const save = async ({ percents }: { percents: string }) => {
    const body = { noticePercents: toPercents(percents) };
    await unwrap(api.PUT('/api/v1/budgets/{month}/notice-percents', { params: { path: { month } }, body }));
    await Promise.all(['budgets', 'budget-notices'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
  if (!budgets.data)
    return (
      <Dialog title={t('thresholds')} onClose={onClose}>
        {budgets.error ? (
          <ProblemNotice error={budgets.error} onRetry={() => void budgets.refetch()} />
        ) : (
          <Skeleton rows={2} />
        )}
      </Dialog>
    );
  const percents = budgets.data.items[0]?.noticePercents ?? USUAL;
  return (
    <FormDialog
      title={t('thresholds')}
      submitLabel={common('save')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        {
          name: 'percents',
          label: t('thresholdsLabel'),
          hint: t('thresholdsHint'),
          required: true,
          initial: percents.join(', '),
          check: (value) =>
            LIST.test(value) && toPercents(value).every((percent) => percent >= 1 && percent <= 100)
              ? undefined
              : t('thresholdsFault'),
        },
      ]}
    />
  );
}
