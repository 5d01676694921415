'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Budget, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { type Choice, SelectField } from '../../components/field.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { fiscalYear, monthsOfFiscalYear } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { LimitMeter } from './limit-meter.tsx';

/** A month of the fiscal year; without a budget when none has been set. */
interface MonthRow {
  month: string;
  budget: Budget | undefined;
}

/** The city's own limits, month by month of a fiscal year. */
export function CityBudget({ mayWrite }: { mayWrite: boolean }) {
  const t = useTranslations('budget');
  const thisYear = fiscalYear();
  const [year, setYear] = useState(thisYear);
  const [edited, setEdited] = useState<MonthRow | null>(null);
  const months = monthsOfFiscalYear(year);
  const [from = '', to = ''] = [months[0], months.at(-1)];
  const budgets = useQuery({
    queryKey: ['budgets', year],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/budgets', { params: { query: { from, to } }, signal })),
  });
  const rows = months.map((month) => ({ month, budget: budgets.data?.items.find((item) => item.month === month) }));
  const years: Choice[] = [thisYear - 1, thisYear, thisYear + 1].map((value) => ({
    value: String(value),
    label: t('fiscalYear', { year: String(value) }),
  }));

  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('city')}</h2>
      <div className="max-w-60">
        <SelectField
          label={t('year')}
          value={String(year)}
          onChange={(event) => setYear(Number(event.target.value))}
          choices={years}
        />
      </div>
      <ResourceTable
        caption={t('title')}
        query={budgets}
        rows={rows}
        rowKey={({ month }) => month}
        columns={useBudgetColumns(mayWrite, setEdited)}
        empty=""
      />
      {edited && <BudgetDialog row={edited} onClose={() => setEdited(null)} />}
    </section>
  );
}

function useBudgetColumns(mayWrite: boolean, edit: (row: MonthRow) => void): Column<MonthRow>[] {
  const t = useTranslations('budget');
  const { number, month } = useFormats();
  const columns: Column<MonthRow>[] = [
    { key: 'month', header: t('month'), isHeader: true, cell: (row) => month(row.month) },
    {
      key: 'limit',
      header: t('limit'),
      numeric: true,
      cell: ({ budget }) => (budget ? number(budget.limitTokens) : t('unset')),
    },
    { key: 'used', header: t('used'), numeric: true, cell: ({ budget }) => number(budget?.usedTokens ?? 0) },
    {
      key: 'reserved',
      header: t('reserved'),
      numeric: true,
      cell: ({ budget }) => number(budget?.reservedTokens ?? 0),
    },
    {
      key: 'share',
      header: t('share'),
      cell: ({ budget, ...row }) =>
        budget && (
          <LimitMeter label={t('shareOf', { month: month(row.month) })} limit={budget.limitTokens} {...budget} />
        ),
    },
  ];
  const actions: Column<MonthRow> = {
    key: 'actions',
    header: t('change'),
    isActions: true,
    cell: (row) => (
      <Button look="outline" size="sm" aria-label={t('setOf', { month: month(row.month) })} onClick={() => edit(row)}>
        {t('set')}
      </Button>
    ),
  };
  return mayWrite ? [...columns, actions] : columns;
}

function BudgetDialog({ row: { month, budget }, onClose }: { row: MonthRow; onClose: () => void }) {
  const t = useTranslations('budget');
  const common = useTranslations('common');
  const formats = useFormats();
  const client = useQueryClient();
  const save = async ({ limitTokens }: { limitTokens: string }) => {
    const params = { path: { month } };
    await unwrap(api.PUT('/api/v1/budgets/{month}', { params, body: { limitTokens: Number(limitTokens) } }));
    await client.invalidateQueries({ queryKey: ['budgets'] });
  };
  return (
    <FormDialog
      title={t('setOf', { month: formats.month(month) })}
      submitLabel={common('save')}
      onSubmit={save}
      onClose={onClose}
      fields={[
        {
          name: 'limitTokens',
          label: t('limit'),
          hint: t('limitHint'),
          required: true,
          inputMode: 'numeric',
          initial: budget && String(budget.limitTokens),
          check: (value) => (/^\d{1,15}$/.test(value) ? undefined : common('wholeNumberFault')),
        },
      ]}
    />
  );
}
