'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { DataTable } from '../../components/data-table.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import type { Messages } from '../../i18n/messages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { Section } from './invoice-contents.tsx';
import { INVOICES_KEY, useYen } from './use-invoices.ts';

interface Pair {
  key: string;
  label: string;
  before: number;
  now: number;
}

/** What has changed since last month: by line, by department and by model. */
export function InvoiceDifference({ id }: { id: string }) {
  const t = useTranslations('invoices');
  const { number } = useFormats();
  const yen = useYen();
  const { data, error, refetch } = useQuery({
    queryKey: [...INVOICES_KEY, id, 'difference'],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/finance/v1/invoices/{id}/difference', { params: { path: { id } }, signal })),
  });
  const lineName = (pair: Pair) => {
    const [kind = 'usage'] = pair.key.split(' ');
    return [t(`lineKinds.${kind as keyof Messages['invoices']['lineKinds']}`), pair.label].filter(Boolean).join(' ');
  };
  return (
    <Section title={t('difference')}>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} />}
      {data && !data.before && <p className="rounded-8 bg-solid-gray-50 p-4">{t('noBefore')}</p>}
      {data?.before && (
        <>
          <PairTable caption={t('differenceLines')} pairs={data.lines} name={lineName} write={yen} />
          <PairTable caption={t('differenceDepartments')} pairs={data.departments} name={nameOf} write={yen} />
          <PairTable caption={t('differenceTokens')} pairs={data.tokens} name={nameOf} write={number} />
        </>
      )}
    </Section>
  );
}

const nameOf = ({ label }: Pair): string => label;

interface PairTableProps {
  caption: string;
  pairs: readonly Pair[];
  name: (pair: Pair) => string;
  write: (amount: number) => string;
}

function PairTable({ caption, pairs, name, write }: PairTableProps) {
  const t = useTranslations('invoices');
  return (
    <DataTable
      caption={`${t('difference')} ${caption}`}
      rows={pairs}
      rowKey={({ key }) => key}
      columns={[
        { key: 'label', header: caption, isHeader: true, cell: name },
        { key: 'before', header: t('before'), numeric: true, cell: ({ before }) => write(before) },
        { key: 'now', header: t('now'), numeric: true, cell: ({ now }) => write(now) },
        {
          key: 'change',
          header: t('change'),
          numeric: true,
          cell: ({ before, now }) => `${now > before ? '+' : ''}${write(now - before)}`,
        },
      ]}
    />
  );
}
