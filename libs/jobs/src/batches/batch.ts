import type { TenantSeal } from '#libs/database';
import type { ErrorCode } from '#libs/kernel';
import type { MeteredUsage } from '#libs/metering';
import type { FinishReason } from '#libs/model-pool';
import type { Table } from '#libs/table-reader';
import type { JobStatus } from '../job-state.ts';

/** Draft: a file that was checked. Running: some of its rows still wait or run. Finished: every row has ended. */
export type BatchState = 'draft' | 'running' | 'finished';

/** What is done with each row of the file. */
export interface BatchPlan {
  readonly template: string;
  readonly model?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly purposeCode?: string | undefined;
}

export type BatchCounts = Readonly<Record<JobStatus, number>>;

/** What its requester may see of a batch. */
export interface BatchView {
  readonly id: string;
  readonly name: string;
  readonly state: BatchState;
  readonly format: Table['format'];
  readonly encoding: Table['encoding'];
  readonly columns: readonly string[];
  readonly rowCount: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Null for a draft. */
  readonly plan:
    (Required<Pick<BatchPlan, 'template'>> & { model: string; maxTokens: number; purposeCode: string | null }) | null;
  /** 0 for a draft, 1 once started, one more for each retry. */
  readonly round: number;
  readonly counts: BatchCounts;
  /** Rows that a retry would give another job. */
  readonly retryable: number;
  /** Whose it was before, where it was handed over. */
  readonly handedOverFrom: string | null;
}

/** A batch, and what all its calls have used so far, of earlier rounds too. */
export interface BatchDetail extends BatchView {
  /** Null while nothing is known. */
  readonly usage: MeteredUsage | null;
  /** Whether no row runs any more and of no call it is still to be found out what it used. */
  readonly isUsageFinal: boolean;
}

/** One row of a started batch. `row` is its number in the file, where the header is row 1. */
export interface BatchRowView {
  readonly row: number;
  readonly jobId: string;
  readonly status: JobStatus;
  readonly cells: readonly string[];
  readonly answer: string | null;
  /** How the answer ended: by itself, cut off at maxTokens, or stopped by the provider's filter. */
  readonly finishReason: FinishReason | null;
  /** Why the row failed, or why the system has cancelled it. */
  readonly errorCode: ErrorCode | null;
}

/** What a start would do, told before it is done. */
export interface BatchForecast {
  readonly rowCount: number;
  readonly model: string;
  readonly maxTokens: number;
  /** The first prompts as the model would get them. */
  readonly preview: readonly { readonly row: number; readonly prompt: string }[];
  readonly estimatedInputTokens: number;
  readonly estimatedOutputTokens: number;
  /** What is held against the budget until each row has ended. */
  readonly worstCaseTokens: number;
  /** What is left of the month for whoever starts it, at the level with the least. */
  readonly remainingTokens: number;
}

export const batchSubject = (id: string): { type: 'batch'; id: string } => ({ type: 'batch', id });

const cellsPlace = (batchId: string, row: number) => ({ rowId: `${batchId}/${row}`, column: 'cells' });

export const sealCells = (seal: TenantSeal, batchId: string, row: number, cells: readonly string[]): Buffer =>
  seal.seal(cellsPlace(batchId, row), JSON.stringify(cells));

export const openCells = (seal: TenantSeal, batchId: string, row: number, sealed: Buffer): string[] =>
  JSON.parse(seal.open(cellsPlace(batchId, row), sealed)) as string[];
