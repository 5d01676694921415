'use client';

import { useTranslations } from 'use-intl';
import type { FxRate } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Named } from '../../components/named.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { useVendorMe } from '../session/use-session.ts';

/** What rows of both books have in common. */
export type Dated = Omit<FxRate, 'jpyPerUsd'>;
export type Decision = 'approve' | 'withdraw';

const TONES: Record<Dated['state'], BadgeTone> = {
  proposed: 'yellow',
  future: 'blue',
  current: 'green',
  past: 'neutral',
  withdrawn: 'neutral',
};
/** What is still to be decided first, what is over last. */
const ORDER: readonly Dated['state'][] = ['proposed', 'future', 'current', 'past', 'withdrawn'];
const IS_OPEN: ReadonlySet<Dated['state']> = new Set(['proposed', 'future']);

export const inOrderOfState = <Row extends Dated>(rows: readonly Row[]): Row[] =>
  rows.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));

interface DatedColumnsProps<Row> {
  /** What a row is called where its buttons are read out. */
  nameOf: (row: Row) => string;
  decide: (decision: Decision, row: Row) => void;
}

/** From when a row applies, where its figures come from, who answers for it, and what is left to decide. */
export function useDatedColumns<Row extends Dated>({ nameOf, decide }: DatedColumnsProps<Row>) {
  const t = useTranslations('prices');
  const common = useTranslations('common');
  const { day, time } = useFormats();
  const me = useVendorMe().data;
  const mayApprove = (row: Row) =>
    row.state === 'proposed' && me && can(me, 'price:approve') && row.proposedBy.id !== me.vendorUser.id;
  const mayWithdraw = (row: Row) => IS_OPEN.has(row.state) && me && can(me, 'price:propose');
  const leading: Column<Row>[] = [
    {
      key: 'state',
      header: t('state'),
      cell: ({ state, validFrom }) => (
        <span className="flex flex-col gap-1">
          <Badge tone={TONES[state]}>{t(`states.${state}`)}</Badge>
          <span className="text-dns-14N-130">{t('from', { day: day(validFrom) })}</span>
        </span>
      ),
    },
  ];
  const trailing: Column<Row>[] = [
    { key: 'source', header: t('source'), isProse: true, cell: ({ source }) => source },
    {
      key: 'people',
      header: t('people'),
      isProse: true,
      cell: ({ proposedBy, proposedAt, approvedBy, approvedAt }) => (
        <span className="flex flex-col gap-2">
          <Named name={t('proposedByName', { name: proposedBy.name })} code={time(proposedAt)} />
          {approvedBy && <Named name={t('approvedByName', { name: approvedBy.name })} code={time(approvedAt)} />}
        </span>
      ),
    },
    {
      key: 'actions',
      header: common('actions'),
      isActions: true,
      cell: (row) => (
        <span className="flex gap-2">
          {mayApprove(row) && (
            <Button size="sm" aria-label={t('approveOf', { name: nameOf(row) })} onClick={() => decide('approve', row)}>
              {t('approve')}
            </Button>
          )}
          {mayWithdraw(row) && (
            <Button
              look="outline"
              size="sm"
              aria-label={t('withdrawOf', { name: nameOf(row) })}
              onClick={() => decide('withdraw', row)}
            >
              {t('withdraw')}
            </Button>
          )}
        </span>
      ),
    },
  ];
  return { leading, trailing };
}
