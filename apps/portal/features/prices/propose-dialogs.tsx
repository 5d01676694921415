'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type PriceBook, unwrap } from '#libs/api-client';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { api } from '../session/api.ts';
import { FX_BOOK_KEY, PRICE_BOOK_KEY } from './use-price-book.ts';

const AMOUNT = /^\d{1,8}(?:\.\d{1,6})?$/;
const SOURCE_MAX = 500;

function useSharedFields() {
  const t = useTranslations('prices');
  const amount = <Name extends string>(name: Name, label: string): FormField<Name> => ({
    name,
    label,
    required: true,
    check: (value) => (AMOUNT.test(value) ? undefined : t('amountFault')),
  });
  const when = {
    name: 'validFrom',
    label: t('validFrom'),
    hint: t('validFromHint'),
    required: true,
    isDay: true,
  } as const;
  const source = {
    name: 'source',
    label: t('source'),
    hint: t('sourceHint'),
    required: true,
    maxLength: SOURCE_MAX,
  } as const;
  return { t, amount, when, source };
}

/** Puts a price before a second person. */
export function ProposePriceDialog({ book, onClose }: { book: PriceBook | undefined; onClose: () => void }) {
  const { t, amount, when, source } = useSharedFields();
  const client = useQueryClient();
  const known = [
    ...new Set([...(book?.models ?? []).map(({ id }) => id), ...(book?.items ?? []).map(({ model }) => model)]),
  ];
  return (
    <FormDialog
      title={t('proposePrice')}
      submitLabel={t('propose')}
      fields={[
        {
          name: 'model',
          label: t('model'),
          required: true,
          choices: [...known.map((model) => ({ value: model, label: model })), { value: OTHER, label: t('newModel') }],
        },
        {
          name: 'newModel',
          label: t('newModelName'),
          hint: t('newModelHint'),
          maxLength: 128,
        },
        when,
        {
          name: 'currency',
          label: t('currency'),
          choices: (['USD', 'JPY'] as const).map((value) => ({ value, label: t(`currencies.${value}`) })),
        },
        amount('input', t('perMillion', { kind: t('kinds.input') })),
        amount('output', t('perMillion', { kind: t('kinds.output') })),
        amount('cacheRead', t('perMillion', { kind: t('kinds.cacheRead') })),
        amount('cacheWrite', t('perMillion', { kind: t('kinds.cacheWrite') })),
        source,
      ]}
      onSubmit={async ({ model, newModel, currency, ...rest }) => {
        const isNewModel = model === OTHER;
        const body = {
          ...rest,
          model: isNewModel ? newModel : model,
          currency: currency === 'JPY' ? ('JPY' as const) : ('USD' as const),
          isNewModel,
        };
        await unwrap(api.POST('/api/finance/v1/prices', { body }));
        await client.invalidateQueries({ queryKey: PRICE_BOOK_KEY });
      }}
      onClose={onClose}
    />
  );
}

/** No model has a name with a space in it. */
const OTHER = 'new model';

/** Puts an exchange rate before a second person. */
export function ProposeFxRateDialog({ onClose }: { onClose: () => void }) {
  const { t, amount, when, source } = useSharedFields();
  const client = useQueryClient();
  return (
    <FormDialog
      title={t('proposeFxRate')}
      submitLabel={t('propose')}
      fields={[amount('jpyPerUsd', t('jpyPerUsd')), when, source]}
      onSubmit={async (body) => {
        await unwrap(api.POST('/api/finance/v1/fx-rates', { body }));
        await client.invalidateQueries({ queryKey: FX_BOOK_KEY });
      }}
      onClose={onClose}
    />
  );
}
