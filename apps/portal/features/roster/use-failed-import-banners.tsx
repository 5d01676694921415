'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import type { StackedBanner } from '../../components/banner-stack.tsx';
import { api } from '../session/api.ts';
import { ROSTER_KEY } from './use-roster.ts';

const REFRESH_MS = 60_000;
/** Among the newest: what lies further back was seen or put aside. */
const LOOKED_AT = 10;

/** Tells administrators, wherever they are, of an import that could not be applied, until they check it again or put it aside. */
export function useFailedImportBanners(mayAct: boolean): StackedBanner[] {
  const t = useTranslations('roster');
  const imports = useQuery({
    queryKey: [...ROSTER_KEY, 'failed'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/roster-imports', { params: { query: { limit: LOOKED_AT } }, signal })),
    refetchInterval: REFRESH_MS,
    enabled: mayAct,
  });
  const failed = mayAct && imports.data?.items.find(({ state }) => state === 'failed');
  if (!failed || !failed.failure) return [];
  return [
    {
      id: failed.id,
      tone: 'error',
      role: 'alert',
      title: t('failedNotice'),
      children: (
        <>
          <p>{failed.failure.detail ?? failed.failure.title}</p>
          <p>
            <Link href={`/admin/members/import/${failed.id}`} className="text-key-900 underline underline-offset-4">
              {t('failedLink')}
            </Link>
          </p>
        </>
      ),
    },
  ];
}
