'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type ModelPrice, type PriceBook, unwrap } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import type { Column } from '../../components/data-table.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import type { Decision } from './dated-columns.tsx';
import { DatedTable } from './dated-table.tsx';
import { PRICE_BOOK_KEY, type usePriceBook } from './use-price-book.ts';
import { useMoney } from './use-money.ts';

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;

/** What models cost, and what has no price: the latter first, because no month closes over it. */
export function ModelPrices({ book }: { book: ReturnType<typeof usePriceBook> }) {
  const t = useTranslations('prices');
  const { money } = useMoney();
  const { day } = useFormats();
  const client = useQueryClient();
  const decide = async (decision: Decision, { id }: ModelPrice): Promise<number> => {
    const params = { params: { path: { id } } };
    const rated =
      decision === 'approve'
        ? (await unwrap(api.POST('/api/finance/v1/prices/{id}/approve', params))).ratedCalls
        : (await unwrap(api.POST('/api/finance/v1/prices/{id}/withdraw', params)), 0);
    await client.invalidateQueries({ queryKey: PRICE_BOOK_KEY });
    return rated;
  };
  return (
    <DatedTable
      caption={t('models')}
      empty={t('noPrices')}
      query={book}
      rows={book.data?.items ?? []}
      nameOf={({ model, validFrom }) => `${model} ${day(validFrom)}`}
      naming={{ key: 'model', header: t('model'), isHeader: true, cell: ({ model }) => model }}
      figures={useFigureColumns()}
      factsOf={(price) => [
        [t('model'), price.model],
        [t('validFrom'), day(price.validFrom)],
        ...KINDS.map((kind) => [t(`kinds.${kind}`), money(price[kind], price.currency)] as const),
      ]}
      decide={decide}
    >
      {book.data && <Missing book={book.data} />}
    </DatedTable>
  );
}

function useFigureColumns(): Column<ModelPrice>[] {
  const t = useTranslations('prices');
  const { money } = useMoney();
  return [
    ...(['input', 'output'] as const).map((kind) => ({
      key: kind,
      header: t(`kinds.${kind}`),
      numeric: true,
      cell: (price: ModelPrice) => money(price[kind], price.currency),
    })),
    {
      key: 'cache',
      header: t('cache'),
      numeric: true,
      cell: ({ cacheRead, cacheWrite, currency }) => (
        <span className="flex flex-col gap-1">
          <span>{money(cacheRead, currency)}</span>
          <span>{money(cacheWrite, currency)}</span>
        </span>
      ),
    },
  ];
}

/** Models without a price, and use that waits for one. */
function Missing({ book: { models, unrated } }: { book: PriceBook }) {
  const t = useTranslations('prices');
  const { number, month: monthName } = useFormats();
  const unpriced = models.filter(({ isPriced }) => !isPriced);
  if (unpriced.length === 0 && unrated.length === 0) return null;
  return (
    <Banner tone="warning" title={t('missing')}>
      {unpriced.length > 0 && (
        <p>{t('unpriced', { models: unpriced.map(({ displayName, id }) => `${displayName}（${id}）`).join('、') })}</p>
      )}
      {unrated.length > 0 && (
        <ul className="list-disc pl-6">
          {unrated.map(({ model, month, calls }) => (
            <li key={`${month} ${model}`}>{t('unrated', { model, month: monthName(month), calls: number(calls) })}</li>
          ))}
        </ul>
      )}
    </Banner>
  );
}
