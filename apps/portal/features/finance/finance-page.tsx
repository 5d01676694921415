'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type CityUsage, unwrap } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { LazyTokenChart } from '../usage/lazy-token-chart.tsx';
import { useTokenColumns } from '../usage/token-columns.tsx';
import { TotalRow } from '../usage/total-row.tsx';

type CityRow = CityUsage['items'][number];

export function FinancePage() {
  const t = useTranslations('finance');
  const { number, month: monthName } = useFormats();
  const [month, setMonth] = useState(() => jstMonth());
  const usage = useQuery({
    queryKey: ['finance-usage', month],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/usage', { params: { query: { month } }, signal })),
    enabled: month !== '',
    placeholderData: keepPreviousData,
  });
  const rows = usage.data?.items ?? [];
  const counts = useTokenColumns<CityRow>();

  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          <a
            href={`/api/finance/v1/usage.csv?month=${encodeURIComponent(month)}`}
            download={`moyai-usage-${month}.csv`}
            className={buttonClass('outline')}
          >
            {t('csv')}
          </a>
        }
      />
      <div className="max-w-60">
        <TextField
          label={t('month')}
          type="month"
          value={month}
          max={jstMonth()}
          onChange={(event) => setMonth(event.target.value)}
        />
      </div>
      <p role="status" className="text-std-16N-170">
        {usage.data && usage.data.openCalls > 0 && t('openCalls', { count: usage.data.openCalls })}
      </p>
      {rows.length > 0 && (
        <LazyTokenChart
          rows={rows.map((row) => ({ ...row, label: row.name }))}
          title={t('chartTitle', { month: monthName(usage.data?.month ?? month) })}
          kind="bar"
        />
      )}
      <ResourceTable
        caption={t('title')}
        query={usage}
        rows={rows}
        rowKey={({ cityId }) => cityId}
        columns={[
          {
            key: 'name',
            header: t('city'),
            isHeader: true,
            isProse: true,
            cell: (city) => (
              <span className="flex flex-col gap-1">
                <Named {...city} />
                <Link
                  href={`/finance/cities/${city.cityId}/estimate`}
                  aria-label={t('estimateOf', { name: city.name })}
                  className="w-fit text-dns-14N-130 text-key-900 underline underline-offset-4"
                >
                  {t('estimate')}
                </Link>
              </span>
            ),
          },
          ...counts,
          { key: 'limit', header: t('limit'), numeric: true, cell: ({ limitTokens }) => number(limitTokens) },
        ]}
        footer={usage.data && <TotalRow total={usage.data.total} trail={1} />}
        empty={t('empty')}
      />
    </>
  );
}
