'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Invoice, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';
import { BulkDialog, type BulkStep } from './bulk-dialog.tsx';
import { useInvoiceColumns } from './invoice-columns.tsx';
import { MonthDownloads } from './month-downloads.tsx';
import { INVOICES_KEY } from './use-invoices.ts';

const MONTH = /^\d{4}-\d{2}$/;
const STATES = ['draft', 'reviewed', 'approved', 'issued', 'disputed', 'accepted', 'paid'] as const;
/** As many as one request may name. */
const PAGE = 100;

/** What may be done with all shown invoices of a state, and by whom. */
const BULK: Partial<Record<Invoice['state'], { step: BulkStep; permission: string }>> = {
  draft: { step: 'review', permission: 'invoice:review' },
  reviewed: { step: 'approve', permission: 'invoice:approve' },
  approved: { step: 'issue', permission: 'invoice:review' },
};

/** Every city's invoices; one state at a time can be led on together. */
export function InvoicesPage() {
  const t = useTranslations('invoices');
  const me = useVendorMe().data;
  const client = useQueryClient();
  const asked = useSearchParams().get('month');
  const [month, setMonth] = useState(asked && MONTH.test(asked) ? asked : '');
  const [state, setState] = useState<Invoice['state'] | ''>('');
  const [isOpen, setOpen] = useState(false);
  const invoices = usePages([...INVOICES_KEY, month, state], (cursor, signal) => {
    const query = { cursor, limit: PAGE, month: month || undefined, state: state || undefined };
    return unwrap(api.GET('/api/finance/v1/invoices', { params: { query }, signal }));
  });
  const columns = useInvoiceColumns('/finance/invoices', 'states');
  const bulk = state === '' ? undefined : BULK[state];
  // While others are read, those on the screen are not of the chosen state
  const ids = invoices.isPlaceholderData ? [] : invoices.rows.map(({ id }) => id);
  return (
    <>
      <PageHeader
        title={t('title')}
        lead={t('lead')}
        actions={
          bulk &&
          me &&
          can(me, bulk.permission) &&
          ids.length > 0 && (
            <Button onClick={() => setOpen(true)}>{t(`bulk.${bulk.step}`, { count: ids.length })}</Button>
          )
        }
      />
      <div className="flex flex-wrap gap-4">
        <TextField label={t('month')} type="month" value={month} onChange={(event) => setMonth(event.target.value)} />
        <SelectField
          label={t('state')}
          value={state}
          placeholder={t('allStates')}
          choices={STATES.map((value) => ({ value, label: t(`states.${value}`) }))}
          onChange={(event) => setState(event.target.value as Invoice['state'] | '')}
        />
      </div>
      {month !== '' && <MonthDownloads key={month} month={month} />}
      <ResourceTable
        caption={t('title')}
        query={invoices}
        rows={invoices.rows}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'city',
            header: t('city'),
            cell: ({ cityName, cityCode }) => <Named name={cityName} code={cityCode} />,
          },
          ...columns,
        ]}
        empty={t('empty')}
      />
      {isOpen && bulk && (
        <BulkDialog
          step={bulk.step}
          ids={ids}
          onDone={() => client.invalidateQueries({ queryKey: INVOICES_KEY })}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
