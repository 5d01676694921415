'use client';

import { type ComponentProps, type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import type { Column } from '../../components/data-table.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { type Dated, type Decision, inOrderOfState, useDatedColumns } from './dated-columns.tsx';

/** Terms and what they are. */
type Facts = readonly (readonly [term: string, value: string])[];

interface DatedTableProps<Row extends Dated> {
  caption: string;
  empty: string;
  query: ComponentProps<typeof ResourceTable>['query'];
  rows: readonly Row[];
  /** What a row is called where its buttons are read out. */
  nameOf: (row: Row) => string;
  naming: Column<Row>;
  figures?: readonly Column<Row>[];
  /** What whoever approves must see, figures and all. */
  factsOf: (row: Row) => Facts;
  /** Resolves to how many calls were rated by it. */
  decide: (decision: Decision, row: Row) => Promise<number>;
  /** Stands above the table, below what was done last. */
  children?: ReactNode;
}

/** The rows of a dated book, with what is left to decide about each. */
export function DatedTable<Row extends Dated>(props: DatedTableProps<Row>) {
  const { caption, empty, query, rows, nameOf, naming, figures = [], factsOf, decide, children } = props;
  const t = useTranslations('prices');
  const [open, setOpen] = useState<{ decision: Decision; row: Row } | null>(null);
  const [done, setDone] = useState('');
  const { leading, trailing } = useDatedColumns<Row>({ nameOf, decide: (decision, row) => setOpen({ decision, row }) });
  const allFactsOf = (row: Row): Facts => [
    ...factsOf(row),
    [t('source'), row.source],
    [t('proposedBy'), row.proposedBy.name],
  ];
  return (
    <>
      <p role="status" className="text-std-16N-170 empty:hidden">
        {done}
      </p>
      {children}
      <ResourceTable
        caption={caption}
        query={query}
        rows={inOrderOfState(rows)}
        rowKey={({ id }) => id}
        columns={[naming, ...leading, ...figures, ...trailing]}
        empty={empty}
      />
      {open && (
        <ConfirmDialog
          title={t(`${open.decision}Title`)}
          confirmLabel={t(open.decision)}
          danger={open.decision === 'withdraw'}
          onConfirm={() => decide(open.decision, open.row)}
          onDone={(calls) => {
            setDone(calls > 0 ? t('ratedCalls', { calls }) : t(`${open.decision}Done`));
            setOpen(null);
          }}
          onClose={() => setOpen(null)}
        >
          <div className="flex flex-col gap-4">
            <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1">
              {allFactsOf(open.row).map(([term, value]) => (
                <div key={term} className="contents">
                  <dt className="text-std-16B-170">{term}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            <p>{t(`${open.decision}Lead`)}</p>
          </div>
        </ConfirmDialog>
      )}
    </>
  );
}
