'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';

/** Before an import is decided: whose conversations it leaves without an owner on this network, and what becomes of them. */
export function LeavingNotice({ found: { id, digest } }: { found: RosterImport }) {
  const t = useTranslations('transfers');
  const { number } = useFormats();
  const leaving = useQuery({
    queryKey: ['roster-leaving', id, digest],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/roster-imports/{id}/leaving', { params: { path: { id } }, signal })),
  });
  if (leaving.error) return <ProblemNotice error={leaving.error} onRetry={() => void leaving.refetch()} />;
  if (!leaving.data || leaving.data.members === 0) return null;
  const { members, conversations, batches, templates, items, rule } = leaving.data;
  return (
    <Banner
      tone="warning"
      title={t('leavingTitle', {
        members: number(members),
        conversations: number(conversations),
        batches: number(batches),
        templates: number(templates),
      })}
    >
      <p>{t(`ruleSentence.${rule.rule}`, { days: rule.afterDays })}</p>
      <p>
        <Link href="/admin/transfers" className="text-key-900 underline underline-offset-4">
          {t('leavingLink')}
        </Link>
      </p>
      <details>
        <summary className="cursor-pointer">{t('leavingNames')}</summary>
        <ul className="max-h-60 overflow-y-auto pl-4">
          {items.map(({ loginId, displayName: name, ...held }) => (
            <li key={loginId}>
              {t('leavingName', {
                name,
                loginId,
                conversations: number(held.conversations),
                batches: number(held.batches),
                templates: number(held.templates),
              })}
            </li>
          ))}
        </ul>
        {items.length < members && <p>{t('leavingMore', { count: number(members - items.length) })}</p>}
      </details>
    </Banner>
  );
}
