/** Where a row of a book stands: waiting for a second person, to come, applying now, succeeded, or taken back. */
export type RowState = 'proposed' | 'future' | 'current' | 'past' | 'withdrawn';

/** What every row of a book says of itself beside its figures. */
export interface DatedRow {
  readonly id: string;
  /** 00:00 of a day in Japan. */
  readonly validFrom: Date;
  /** Where the next one begins; null while none is approved. */
  readonly validTo: Date | null;
  /** Where the figures come from, in words an auditor can follow. */
  readonly source: string;
  readonly proposedBy: Person;
  readonly proposedAt: Date;
  readonly approvedBy: Person | null;
  readonly approvedAt: Date | null;
  readonly withdrawnAt: Date | null;
  readonly state: RowState;
}

export interface Person {
  readonly id: string;
  readonly name: string;
}

/** Says a row's state at an instant. */
export function stateOf(
  row: Pick<DatedRow, 'validFrom' | 'validTo' | 'approvedAt' | 'withdrawnAt'>,
  now: Date,
): RowState {
  if (row.withdrawnAt) return 'withdrawn';
  if (!row.approvedAt) return 'proposed';
  if (row.validFrom > now) return 'future';
  return row.validTo && row.validTo <= now ? 'past' : 'current';
}

/** @param successor SQL that says of a row `n` that it belongs to the same line as `r` */
export const decisionColumns = (table: string, successor: string): string => `r.source,
  json_build_object('id', r.proposed_by, 'name', proposer.display_name) AS "proposedBy", r.proposed_at AS "proposedAt",
  CASE WHEN r.approved_by IS NOT NULL THEN json_build_object('id', r.approved_by, 'name', approver.display_name) END
    AS "approvedBy", r.approved_at AS "approvedAt", r.withdrawn_at AS "withdrawnAt",
  (SELECT min(n.valid_from) FROM ${table} n WHERE ${successor} AND n.valid_from > r.valid_from
     AND n.approved_at IS NOT NULL AND n.withdrawn_at IS NULL) AS "validTo"`;

export const PEOPLE = `JOIN vendor_users proposer ON proposer.id = r.proposed_by
  LEFT JOIN vendor_users approver ON approver.id = r.approved_by`;
