'use client';

import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { usePages } from '../../components/use-pages.ts';
import { api } from '../session/api.ts';
import { useInvoiceColumns } from './invoice-columns.tsx';
import { INVOICES_KEY } from './use-invoices.ts';

/** The invoices a city got. */
export function CityInvoicesPage() {
  const t = useTranslations('invoices');
  const invoices = usePages(INVOICES_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/v1/invoices', { params: { query: { cursor } }, signal })),
  );
  return (
    <>
      <PageHeader title={t('cityTitle')} lead={t('cityLead')} />
      <ResourceTable
        caption={t('cityTitle')}
        query={invoices}
        rows={invoices.rows}
        rowKey={({ id }) => id}
        columns={useInvoiceColumns('/admin/invoices', 'cityStates')}
        empty={t('cityEmpty')}
      />
    </>
  );
}
