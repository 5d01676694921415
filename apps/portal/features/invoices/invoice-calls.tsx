'use client';

import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type BilledCall, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { CorrectCallDialog } from '../corrections/correct-call-dialog.tsx';
import { useMoney } from '../prices/use-money.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { Section } from './invoice-contents.tsx';
import { INVOICES_KEY } from './use-invoices.ts';

const PAGE = 50;

/** The calls an invoice was summed from, for its city. */
export function CityInvoiceCalls({ id }: { id: string }) {
  const calls = usePagesOfCalls(id, (cursor, signal) => {
    const params = { path: { id }, query: { cursor, limit: PAGE } };
    return unwrap(api.GET('/api/v1/invoices/{id}/calls', { params, signal }));
  });
  return <CallTable calls={calls} />;
}

/** The same for the vendor, who corrects what was metered wrongly. */
export function VendorInvoiceCalls({ id }: { id: string }) {
  const t = useTranslations('invoices');
  const common = useTranslations('common');
  const { exactTime } = useFormats();
  const me = useVendorMe().data;
  const [wrong, setWrong] = useState<BilledCall | null>(null);
  const [isProposed, setProposed] = useState(false);
  const calls = usePagesOfCalls(id, (cursor, signal) => {
    const params = { path: { id }, query: { cursor, limit: PAGE } };
    return unwrap(api.GET('/api/finance/v1/invoices/{id}/calls', { params, signal }));
  });
  const correction: Column<BilledCall> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (call) =>
      call.corrects === null && (
        <Button
          look="text"
          size="sm"
          aria-label={t('correctOf', { call: `${exactTime(call.acceptedAt)} ${call.model}` })}
          onClick={() => setWrong(call)}
        >
          {t('correct')}
        </Button>
      ),
  };
  return (
    <>
      <p role="status" className="text-std-16N-170 empty:hidden">
        {isProposed &&
          t.rich('correctionProposed', {
            link: (text) => (
              <Link href="/finance/periods" className="text-key-900 underline underline-offset-4">
                {text}
              </Link>
            ),
          })}
      </p>
      <CallTable calls={calls} actions={me && can(me, 'invoice:review') ? correction : undefined} />
      {wrong && (
        <CorrectCallDialog
          call={wrong}
          onDone={() => {
            setProposed(true);
            setWrong(null);
          }}
          onClose={() => setWrong(null)}
        />
      )}
    </>
  );
}

/** On demand: there may be hundreds of thousands. */
export function CallDetail({ children }: { children: ReactNode }) {
  const t = useTranslations('invoices');
  const [isShown, setShown] = useState(false);
  return (
    <Section title={t('callDetail')} isPrinted={isShown}>
      {isShown ? (
        children
      ) : (
        <Button look="outline" className="w-fit" onClick={() => setShown(true)}>
          {t('showCalls')}
        </Button>
      )}
    </Section>
  );
}

type CallPages = ReturnType<typeof usePagesOfCalls>;

const usePagesOfCalls = (
  id: string,
  read: (
    cursor: string | undefined,
    signal: AbortSignal,
  ) => Promise<{ items: BilledCall[]; nextCursor: string | null }>,
) => usePages([...INVOICES_KEY, id, 'calls'], read);

function CallTable({ calls, actions }: { calls: CallPages; actions?: Column<BilledCall> | undefined }) {
  const t = useTranslations('invoices');
  const { number, exactTime } = useFormats();
  const { exact } = useMoney();
  return (
    <ResourceTable
      caption={t('callDetail')}
      query={calls}
      rows={calls.rows}
      rowKey={(call) => call.id}
      columns={[
        { key: 'acceptedAt', header: t('acceptedAt'), isHeader: true, cell: (call) => exactTime(call.acceptedAt) },
        {
          key: 'department',
          header: t('department'),
          isProse: true,
          cell: (call) => call.departmentName ?? t('noDepartment'),
        },
        {
          key: 'model',
          header: t('model'),
          cell: (call) => (
            <span className="flex flex-wrap items-center gap-x-2">
              {call.model}
              {call.corrects !== null && <Badge tone="yellow">{t('correction')}</Badge>}
              {call.corrects === null && call.source === 'estimated' && <Badge tone="yellow">{t('estimated')}</Badge>}
            </span>
          ),
        },
        { key: 'input', header: t('inputTokens'), numeric: true, cell: (call) => number(call.inputTokens) },
        { key: 'output', header: t('outputTokens'), numeric: true, cell: (call) => number(call.outputTokens) },
        { key: 'cost', header: t('cost'), numeric: true, cell: (call) => exact(call.costJpy) },
        {
          key: 'subject',
          header: t('subject'),
          isProse: true,
          cell: (call) => <code className="text-mono-14N-150 break-all">{call.subjectId}</code>,
        },
        ...(actions ? [actions] : []),
      ]}
      empty={t('noCalls')}
    />
  );
}
