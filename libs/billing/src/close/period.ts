import type { JstMonth } from '#libs/kernel';

export type PeriodState = 'open' | 'closing' | 'closed';

/** A JST month of the books. */
export interface Period {
  readonly month: JstMonth;
  readonly state: PeriodState;
  /** What the close is at. */
  readonly phase: 'counting' | 'drafting' | null;
  /** Cities whose drafts are made, of how many. */
  readonly done: number;
  readonly total: number;
  /** How often it was handed to a worker. */
  readonly deliveries: number;
  readonly closingAt: Date | null;
  readonly closingBy: string | null;
  readonly closedAt: Date | null;
  /** What stopped the close; it goes on from there when somebody asks for it again. */
  readonly fault: string | null;
}

/** Why a month cannot be closed yet. */
export type CloseFaultCode =
  | 'month-not-over'
  | 'earlier-month-open'
  | 'work-running'
  | 'calls-unknown'
  | 'usage-unrated'
  | 'city-without-contract';

export interface CloseFault {
  readonly code: CloseFaultCode;
  readonly count: number;
  /** Which ones, the first few: months, models or cities. */
  readonly examples: readonly string[];
}

/** Names of cities, models or months that a fault shows. */
export const EXAMPLES = 10;
