'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Contract, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { useTermsWords } from './use-terms-words.ts';

type TriedUse = { validFrom: string; model: string } & Record<
  (typeof COUNTS)[number] | 'cacheReadTokens' | 'cacheWriteTokens',
  number
>;

const COUNTS = ['inputTokens', 'outputTokens', 'inputCharacters', 'outputCharacters'] as const;
const WHOLE = /^\d{1,12}$/;

/** What a whole month of some use would cost under one of the contract's terms. */
export function ContractPreview({ contract }: { contract: Contract }) {
  const t = useTranslations('contracts');
  const common = useTranslations('common');
  const { yen } = useTermsWords();
  const { day } = useFormats();
  const [fault, setFault] = useState<string | null>(null);
  const book = useQuery({
    queryKey: ['price-book'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/prices', { signal })),
  });
  const models = book.data?.models.filter(({ isPriced }) => isPriced) ?? [];
  const preview = useMutation({
    mutationFn: (body: TriedUse) =>
      unwrap(api.POST('/api/finance/v1/contracts/{id}/preview', { params: { path: { id: contract.id } }, body })),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? '').trim();
    const wrong = COUNTS.find((name) => !WHOLE.test(text(name)));
    setFault(wrong ?? null);
    if (wrong) return;
    preview.mutate({
      validFrom: text('validFrom'),
      model: text('model'),
      inputTokens: Number(text('inputTokens')),
      outputTokens: Number(text('outputTokens')),
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      inputCharacters: Number(text('inputCharacters')),
      outputCharacters: Number(text('outputCharacters')),
    });
  };
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('preview')}</h2>
      <p>{t('previewLead')}</p>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            name="validFrom"
            label={t('previewTerms')}
            choices={contract.terms.map(({ validFrom }) => ({
              value: validFrom,
              label: t('from', { day: day(validFrom) }),
            }))}
          />
          <SelectField
            name="model"
            label={t('model')}
            choices={models.map(({ id, displayName }) => ({ value: id, label: displayName }))}
          />
          {COUNTS.map((name) => (
            <TextField
              key={name}
              name={name}
              label={t(name)}
              inputMode="numeric"
              autoComplete="off"
              defaultValue="0"
              error={fault === name ? common('wholeNumberFault') : undefined}
            />
          ))}
        </div>
        <Button type="submit" look="outline" className="self-start" inactive={preview.isPending || models.length === 0}>
          {t('reckon')}
        </Button>
      </form>
      {preview.error && <ProblemNotice error={preview.error} />}
      <div role="status" className="flex flex-col gap-4">
        {preview.data && (
          <>
            <DataTable
              caption={t('preview')}
              rows={preview.data.lines}
              rowKey={({ description }) => description}
              columns={[
                { key: 'line', header: t('line'), isHeader: true, isProse: true, cell: (line) => line.description },
                { key: 'amount', header: t('lineAmount'), numeric: true, cell: (line) => yen(line.amountJpy) },
              ]}
            />
            <p className="text-std-20B-150">
              {t('sum', {
                subtotal: yen(preview.data.subtotalJpy),
                tax: yen(preview.data.taxJpy),
                total: yen(preview.data.totalJpy),
              })}
            </p>
          </>
        )}
      </div>
    </section>
  );
}
