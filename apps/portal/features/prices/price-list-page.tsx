'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { type PublishedPrice, unwrap } from '#libs/api-client';
import { buttonClass } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { LocaleSwitch } from '../session/locale-switch.tsx';
import { useMoney } from './use-money.ts';

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

/** What each model costs, for everybody on a city's network, signed in or not. */
export function PriceListPage() {
  const t = useTranslations('prices');
  const { plain } = useMoney();
  const list = useQuery({
    queryKey: ['price-list'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/prices', { signal })),
  });
  const { day } = useFormats();
  const columns = usePriceColumns();
  const { fxRate, future = [] } = list.data ?? {};
  return (
    <main className="mx-auto flex w-full max-w-[80rem] flex-col gap-6 px-4 py-6 sm:px-8">
      <div className="flex flex-wrap items-center justify-between gap-2 print:hidden">
        <Link href="/" className={buttonClass('text', 'sm')}>
          {t('back')}
        </Link>
        <LocaleSwitch />
      </div>
      <PageHeader title={t('listTitle')} lead={t('listLead')} />
      {fxRate && (
        <p className="text-std-16N-170">
          {t('listRate', { rate: plain(fxRate.jpyPerUsd), day: day(fxRate.validFrom), source: fxRate.source })}
        </p>
      )}
      <ResourceTable
        caption={t('listTitle')}
        query={list}
        rows={list.data?.items ?? []}
        rowKey={({ model }) => model}
        columns={columns}
        empty={t('noPrices')}
      />
      {future.length > 0 && (
        <section className="flex flex-col gap-3">
          <h2 className="text-std-20B-150">{t('listFuture')}</h2>
          <ResourceTable
            caption={t('listFuture')}
            query={list}
            rows={future}
            rowKey={({ model, validFrom }) => `${model} ${validFrom}`}
            columns={columns}
            empty={t('noPrices')}
          />
        </section>
      )}
    </main>
  );
}

function usePriceColumns(): Column<PublishedPrice>[] {
  const t = useTranslations('prices');
  const { money, yen } = useMoney();
  const { day } = useFormats();
  return [
    {
      key: 'model',
      header: t('model'),
      isHeader: true,
      cell: ({ displayName, model }) => <Named name={displayName} code={displayName === model ? '' : model} />,
    },
    ...KINDS.map((kind): Column<PublishedPrice> => ({
      key: kind,
      header: t(`kinds.${kind}`),
      numeric: true,
      cell: ({ currency, yen: inYen, ...price }) =>
        currency === 'USD' && inYen ? (
          <Named name={yen(inYen[kind])} code={money(price[kind], currency)} />
        ) : (
          money(price[kind], currency)
        ),
    })),
    { key: 'validFrom', header: t('validFrom'), cell: ({ validFrom }) => day(validFrom) },
    { key: 'source', header: t('source'), isProse: true, cell: ({ source }) => source },
  ];
}
