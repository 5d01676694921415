'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type BudgetNotice, unwrap } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { Button } from '../../components/button.tsx';
import { useProblemWords } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

const NOTICES_KEY = ['budget-notices'] as const;
const REFRESH_MS = 120_000;

/** Tells those concerned that a limit of this month is nearly used up, until they have read it. */
export function useBudgetBanners(): StackedBanner[] {
  const t = useTranslations('budget.notices');
  const { number } = useFormats();
  const wordsFor = useProblemWords();
  const client = useQueryClient();
  const notices = useQuery({
    queryKey: NOTICES_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/budget-notices', { signal })),
    refetchInterval: REFRESH_MS,
  });
  const dismiss = useMutation({
    mutationFn: (id: string) => unwrap(api.POST('/api/v1/budget-notices/{id}/dismiss', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: NOTICES_KEY }),
  });
  const title = ({ level, name, percent }: BudgetNotice) =>
    t(percent === 100 ? 'exhausted' : 'passed', { who: level === 'department' ? (name ?? '') : t(level), percent });
  return (notices.data?.items ?? []).map((notice) => ({
    id: notice.id,
    tone: notice.percent === 100 ? 'error' : 'warning',
    title: title(notice),
    actions: (
      <Button
        look="outline"
        size="sm"
        aria-label={t('dismissOf', { title: title(notice) })}
        inactive={dismiss.isPending}
        onClick={() => dismiss.mutate(notice.id)}
      >
        {t('dismiss')}
      </Button>
    ),
    children: (
      <>
        <p>{t('figures', { used: number(notice.usedTokens), limit: number(notice.limitTokens) })}</p>
        <p>{t(`advice.${notice.level}`)}</p>
        {dismiss.error && dismiss.variables === notice.id && <p>{wordsFor(dismiss.error).title}</p>}
      </>
    ),
  }));
}
