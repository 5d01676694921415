'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { Invoice } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import type { Column } from '../../components/data-table.tsx';
import type { Messages } from '../../i18n/messages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { STATE_TONES, useYen } from './use-invoices.ts';

/**
 * What every list of invoices shows.
 * @param base where the page of an invoice is
 * @param words of a state: the vendor's, or what it means to the city
 */
export function useInvoiceColumns(base: string, words: 'states' | 'cityStates'): Column<Invoice>[] {
  const t = useTranslations('invoices');
  const { day, month } = useFormats();
  const yen = useYen();
  return [
    {
      key: 'number',
      header: t('number'),
      isHeader: true,
      cell: (invoice) => (
        <Link
          href={`${base}/${invoice.id}`}
          aria-label={`${invoice.number ?? t('unnumbered')} ${invoice.cityName} ${month(invoice.month)}`}
          className="text-key-900 underline underline-offset-4"
        >
          {invoice.number ?? t('unnumbered')}
        </Link>
      ),
    },
    { key: 'kind', header: t('kind'), cell: ({ kind }) => t(`kinds.${kind}`) },
    { key: 'month', header: t('month'), cell: (invoice) => month(invoice.month) },
    {
      key: 'state',
      header: t('state'),
      cell: ({ state }) => (
        <Badge tone={STATE_TONES[state]}>{t(`${words}.${state as keyof Messages['invoices']['cityStates']}`)}</Badge>
      ),
    },
    { key: 'dueOn', header: t('dueOn'), cell: ({ dueOn }) => day(dueOn) },
    { key: 'total', header: t('total'), numeric: true, cell: ({ totalJpy }) => yen(totalJpy) },
  ];
}
