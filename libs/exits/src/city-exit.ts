import { Temporal } from 'temporal-polyfill';

export const EXIT_STATES = ['planned', 'frozen', 'exported', 'waiting', 'deleting', 'deleted', 'withdrawn'] as const;
export type ExitState = (typeof EXIT_STATES)[number];

/** How a city leaves. Days are JST, `YYYY-MM-DD`. */
export interface CityExit {
  readonly id: string;
  readonly state: ExitState;
  readonly reason: string;
  readonly contractEndsOn: string | null;
  /** 60-90, of the contract. */
  readonly waitingDays: number;
  readonly plannedAt: Date;
  readonly agreedAt: Date | null;
  readonly frozenAt: Date | null;
  readonly exportedAt: Date | null;
  readonly handedOverAt: Date | null;
  /** The first day on which the deletion may begin. */
  readonly deleteFrom: string | null;
  readonly withdrawnAt: Date | null;
}

export const EXIT_COLUMNS = `e.id, e.state, e.reason, to_char(e.contract_ends_on, 'YYYY-MM-DD') AS "contractEndsOn",
  e.waiting_days AS "waitingDays", e.planned_at AS "plannedAt", e.agreed_at AS "agreedAt", e.frozen_at AS "frozenAt",
  e.exported_at AS "exportedAt", e.handed_over_at AS "handedOverAt", to_char(e.delete_from, 'YYYY-MM-DD') AS "deleteFrom",
  e.withdrawn_at AS "withdrawnAt"`;

/** The waiting period begins with the end of the contract or with the hand-over, whichever is later. */
export function deleteFromOf(exit: Pick<CityExit, 'contractEndsOn' | 'waitingDays'>, handedOverOn: string): string {
  const { contractEndsOn, waitingDays } = exit;
  const from = contractEndsOn !== null && contractEndsOn > handedOverOn ? contractEndsOn : handedOverOn;
  return Temporal.PlainDate.from(from).add({ days: waitingDays }).toString();
}

/** SQLSTATE of a step that the state machine in the database refuses. */
export const NO_SUCH_STEP = 'MX002';
