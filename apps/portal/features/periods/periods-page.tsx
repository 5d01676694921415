'use client';

import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { BillingPeriod } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { UsageCorrections } from '../corrections/usage-corrections.tsx';
import { useYen } from '../invoices/use-invoices.ts';
import { ClosePanel } from './close-panel.tsx';
import { HistoryChart } from './history-chart.tsx';
import { usePeriods } from './use-periods.ts';

/** Zero would say that nothing is to be billed. */
const NOTHING_YET = '—';
const TONES: Record<BillingPeriod['state'], BadgeTone> = { open: 'neutral', closing: 'blue', closed: 'green' };

/** The months of the books: the next one to close, and what the closed ones came to. */
export function PeriodsPage() {
  const t = useTranslations('periods');
  const { month, time, number } = useFormats();
  const yen = useYen();
  const periods = usePeriods();
  const rows = periods.data ?? [];
  const next = nextToClose(rows);
  const [begunMonth, setBegun] = useState<string>();
  const begun = rows.find((period) => period.month === begunMonth);
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      {next && <ClosePanel key={next} month={next} onBegun={setBegun} />}
      <p role="status" className="text-std-16N-170">
        {begun && t(`announce.${begun.state}`, { month: month(begun.month) })}
      </p>
      <ResourceTable
        caption={t('title')}
        query={periods}
        rows={rows}
        rowKey={(period) => period.month}
        columns={[
          { key: 'month', header: t('month'), isHeader: true, cell: (period) => month(period.month) },
          {
            key: 'state',
            header: t('state'),
            cell: ({ state }) => <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>,
          },
          { key: 'closedAt', header: t('closedAt'), cell: ({ closedAt }) => time(closedAt) },
          {
            key: 'invoices',
            header: t('invoices'),
            numeric: true,
            cell: ({ state, invoices, month: of }) =>
              state === 'closed' ? (
                <Link
                  href={`/finance/invoices?month=${of}`}
                  aria-label={`${month(of)} ${number(invoices)}`}
                  className="text-key-900 underline underline-offset-4"
                >
                  {number(invoices)}
                </Link>
              ) : (
                NOTHING_YET
              ),
          },
          {
            key: 'total',
            header: t('total'),
            numeric: true,
            cell: ({ state, totalJpy }) => (state === 'closed' ? yen(totalJpy) : NOTHING_YET),
          },
        ]}
        empty={t('empty')}
      />
      <UsageCorrections />
      <HistoryChart />
    </>
  );
}

/** The month being closed, else the oldest open one after the last closed; without closed ones the first of the books. */
function nextToClose(periods: readonly BillingPeriod[]): string | undefined {
  const closing = periods.find(({ state }) => state === 'closing');
  if (closing) return closing.month;
  const over = periods.filter(({ month }) => month < jstMonth());
  const lastClosed = over.findIndex(({ state }) => state === 'closed');
  return lastClosed < 0 ? over.at(-1)?.month : over[lastClosed - 1]?.month;
}
