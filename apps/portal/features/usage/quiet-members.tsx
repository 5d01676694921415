'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type QuietDepartment, type QuietMember, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useNetworkRules } from '../session/network-rules.ts';

/** Whom the service has not reached, by department and by name, so that somebody can help them. */
export function QuietMembers() {
  const t = useTranslations('quiet');
  const { number, time } = useFormats();
  const { takeOut } = useNetworkRules();
  const departments = useQuery({
    queryKey: ['quiet-departments'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/quiet-departments', { signal })),
  });
  const members = usePages(['quiet-members'], (cursor, signal) =>
    unwrap(api.GET('/api/v1/quiet-members', { params: { query: { cursor, limit: 20 } }, signal })),
  );
  const nameOf = ({ departmentName }: { departmentName: string | null }) => departmentName ?? t('noDepartment');
  const departmentColumns: Column<QuietDepartment>[] = [
    { key: 'department', header: t('department'), isHeader: true, cell: nameOf },
    { key: 'members', header: t('members'), numeric: true, cell: (row) => number(row.members) },
    { key: 'few', header: t('reasons.few'), numeric: true, cell: ({ few }) => number(few) },
    { key: 'absent', header: t('reasons.absent'), numeric: true, cell: ({ absent }) => number(absent) },
  ];
  const memberColumns: Column<QuietMember>[] = [
    {
      key: 'name',
      header: t('name'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    { key: 'department', header: t('department'), cell: nameOf },
    {
      key: 'reason',
      header: t('reason'),
      cell: ({ reason }) => <Badge tone={reason === 'few' ? 'yellow' : 'neutral'}>{t(`reasons.${reason}`)}</Badge>,
    },
    { key: 'uses', header: t('uses'), numeric: true, cell: ({ uses }) => (uses > 5 ? t('manyUses') : number(uses)) },
    { key: 'lastUsedAt', header: t('lastUsedAt'), cell: ({ lastUsedAt }) => time(lastUsedAt) },
  ];
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('title')}</h2>
      <p className="text-std-16N-170">{t('lead')}</p>
      {takeOut.export && (
        <a href="/api/v1/quiet-members.csv" download className={`${buttonClass('outline')} w-fit`}>
          {t('csv')}
        </a>
      )}
      <ResourceTable
        caption={t('byDepartment')}
        query={departments}
        rows={departments.data?.items ?? []}
        rowKey={nameOf}
        columns={departmentColumns}
        empty={t('empty')}
      />
      <ResourceTable
        caption={t('title')}
        query={members}
        rows={members.rows}
        rowKey={({ loginId }) => loginId}
        columns={memberColumns}
        empty={t('empty')}
      />
    </section>
  );
}
