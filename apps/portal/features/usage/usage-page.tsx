'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Usage, type UsageGroup, unwrap } from '#libs/api-client';
import { SelectField, TextField } from '../../components/field.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { jstMonth, jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { QuietMembers } from './quiet-members.tsx';
import { fillDays } from './fill-days.ts';
import { LazyTokenChart } from './lazy-token-chart.tsx';
import { useTokenColumns } from './token-columns.tsx';
import { TotalRow } from './total-row.tsx';

const GROUPS: readonly UsageGroup[] = ['day', 'department', 'member', 'model', 'purpose'];

type UsageRow = Usage['items'][number];

export function UsagePage() {
  const t = useTranslations('usage');
  const { day } = useFormats();
  const [from, setFrom] = useState(() => `${jstMonth()}-01`);
  const [to, setTo] = useState(() => jstToday());
  const [groupBy, setGroupBy] = useState<UsageGroup>('day');
  const usage = useQuery({
    queryKey: ['usage', from, to, groupBy],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/usage', { params: { query: { from, to, groupBy } }, signal })),
    enabled: from !== '' && to !== '',
    placeholderData: keepPreviousData,
  });
  const rows = usage.data?.items ?? [];
  // The answer may still be of the group before: its own word counts
  const shownGroup = usage.data?.groupBy ?? groupBy;
  const title = t('chartTitle', { group: t(`groups.${shownGroup}`) });
  const counts = useTokenColumns<UsageRow>();

  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      <div className="grid max-w-3xl grid-cols-1 gap-4 sm:grid-cols-3">
        <TextField
          label={t('from')}
          type="date"
          value={from}
          max={to}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField label={t('to')} type="date" value={to} min={from} onChange={(event) => setTo(event.target.value)} />
        <SelectField
          label={t('groupBy')}
          value={groupBy}
          onChange={(event) => setGroupBy(event.target.value as UsageGroup)}
          choices={GROUPS.map((value) => ({ value, label: t(`groups.${value}`) }))}
        />
      </div>
      {usage.data && rows.length > 0 && (
        <LazyTokenChart
          rows={shownGroup === 'day' ? fillDays(rows, usage.data.from, usage.data.to) : rows}
          title={title}
          kind={shownGroup === 'day' ? 'line' : 'bar'}
        />
      )}
      <ResourceTable
        caption={t('title')}
        query={usage}
        rows={rows}
        rowKey={({ key }) => key}
        columns={[
          {
            key: 'label',
            header: t(`groups.${shownGroup}`),
            isHeader: true,
            cell: ({ label }) => (shownGroup === 'day' ? day(label) : label),
          },
          ...counts,
        ]}
        footer={usage.data && <TotalRow total={usage.data.total} />}
        empty={t('empty')}
      />
      <QuietMembers />
    </>
  );
}
