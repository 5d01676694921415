'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Allotment, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { SelectField } from '../../components/field.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { jstMonth } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { AllotmentDialog, MemberLimitDialog } from './allotment-dialogs.tsx';
import { LimitMeter } from './limit-meter.tsx';
import { monthsFromNow } from './months.ts';

const MONTHS_AHEAD = 6;

/** Limits of departments and members within the city's, of one month. */
export function Allotments({ mayWrite }: { mayWrite: boolean }) {
  const t = useTranslations('budget');
  const formats = useFormats();
  const [month, setMonth] = useState(() => jstMonth());
  const [edited, setEdited] = useState<Allotment | 'member' | null>(null);
  const allotments = useQuery({
    queryKey: ['allotments', month],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/budgets/{month}/allotments', { params: { path: { month } }, signal })),
  });
  const columns = useAllotmentColumns(mayWrite, setEdited);
  const close = () => setEdited(null);
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('allotments')}</h2>
      <p className="text-std-16N-170 text-solid-gray-700">{t('allotmentsLead')}</p>
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="w-60">
          <SelectField
            label={t('month')}
            value={month}
            onChange={(event) => setMonth(event.target.value)}
            choices={monthsFromNow(MONTHS_AHEAD).map((value) => ({ value, label: formats.month(value) }))}
          />
        </div>
        {mayWrite && <Button onClick={() => setEdited('member')}>{t('addMember')}</Button>}
      </div>
      <ResourceTable
        caption={t('allotments')}
        query={allotments}
        rows={allotments.data?.items ?? []}
        rowKey={({ holderId }) => holderId}
        columns={columns}
        empty={t('noDepartments')}
      />
      {edited === 'member' && <MemberLimitDialog month={month} onClose={close} />}
      {edited && edited !== 'member' && <AllotmentDialog allotment={edited} month={month} onClose={close} />}
    </section>
  );
}

function useAllotmentColumns(mayWrite: boolean, edit: (row: Allotment) => void): Column<Allotment>[] {
  const t = useTranslations('budget');
  const { number } = useFormats();
  const columns: Column<Allotment>[] = [
    {
      key: 'name',
      header: t('holder'),
      isHeader: true,
      cell: ({ name, level }) => <Named name={name} code={t(`levels.${level}`)} />,
    },
    {
      key: 'limit',
      header: t('limit'),
      numeric: true,
      cell: ({ limitTokens }) => (limitTokens === null ? t('noOwnLimit') : number(limitTokens)),
    },
    { key: 'used', header: t('used'), numeric: true, cell: ({ usedTokens }) => number(usedTokens) },
    { key: 'reserved', header: t('reserved'), numeric: true, cell: ({ reservedTokens }) => number(reservedTokens) },
    {
      key: 'share',
      header: t('share'),
      cell: ({ name, limitTokens, ...counts }) =>
        limitTokens !== null && <LimitMeter label={t('shareOfHolder', { name })} limit={limitTokens} {...counts} />,
    },
  ];
  const actions: Column<Allotment> = {
    key: 'actions',
    header: t('change'),
    isActions: true,
    cell: (row) => (
      <Button look="outline" size="sm" aria-label={t('changeOf', { name: row.name })} onClick={() => edit(row)}>
        {t('change')}
      </Button>
    ),
  };
  return mayWrite ? [...columns, actions] : columns;
}
