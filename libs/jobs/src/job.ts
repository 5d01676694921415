import type { AuditActor } from '#libs/audit';
import type { TenantScope } from '#libs/database';
import type { MeteredUsage } from '#libs/metering';
import type { FinishReason } from '#libs/model-pool';
import type { ErrorCode } from '#libs/kernel';
import type { JobStatus } from './job-state.ts';

/** Who asks: a member or an API key of one city, in one segment. */
export interface Requester {
  readonly scope: TenantScope;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  readonly departmentId: string | null;
  /** Public names of the models the city allows on this network; null: all. */
  readonly models: readonly string[] | null;
  /** Last JST day of the city's trial; nothing where it is on none. */
  readonly trialEndsOn?: string | null;
}

export const requesterId = (requester: Requester): string => (requester.memberId ?? requester.apiKeyId)!;

export const actorOf = (requester: Requester): AuditActor =>
  requester.memberId ? { type: 'member', id: requester.memberId } : { type: 'api_key', id: requester.apiKeyId };

/** Which line a job waits in: disaster response before all, somebody who looks on, work that may take its time. */
export type Lane = 'urgent' | 'interactive' | 'batch';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly kind: 'chat';
  readonly messages: readonly ChatMessage[];
  readonly model?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly purposeCode?: string | undefined;
  readonly conversationId?: string | undefined;
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[] | undefined;
}

/** What its requester may see of a job. */
export interface JobView {
  readonly id: string;
  readonly kind: 'chat';
  readonly status: JobStatus;
  readonly model: string;
  /** Null until it is known which deployment answers. */
  readonly simulated: boolean | null;
  /** Jobs that go before this one; 0 once it runs. */
  readonly position: number;
  /** Null until its line has moved once while somebody waited: no honest estimate exists before. */
  readonly estimatedWaitMs: number | null;
  readonly conversationId: string | null;
  readonly acceptedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** The answer, or what there is of it while it runs. Null before the first word and after erasure. */
  readonly output: { readonly text: string } | null;
  readonly finishReason: FinishReason | null;
  readonly usage: MeteredUsage | null;
  readonly errorCode: ErrorCode | null;
}

/** The reader's side of a job's life, in order; exactly one of the last three ends it. */
export type JobEvent =
  | { readonly type: 'queued'; readonly position: number; readonly estimatedWaitMs: number | null }
  | { readonly type: 'started'; readonly attempt: number; readonly model: string; readonly simulated: boolean }
  | {
      readonly type: 'delta';
      /** UTF-16 index of `text` in the answer. Below what the reader holds, it replaces the answer from there. */
      readonly offset: number;
      readonly text: string;
      /** Where a reader that has this delta goes on: hand it back to resume. */
      readonly resumeToken: string;
    }
  | { readonly type: 'usage'; readonly usage: MeteredUsage }
  | { readonly type: 'completed'; readonly finishReason: FinishReason }
  | { readonly type: 'failed'; readonly code: ErrorCode }
  | { readonly type: 'cancelled' };

/** The id of a job's call: of the execution that holds the fence, its first or a later one. Providers log it. */
export const callIdOf = (jobId: string, fence: number, number: number): string =>
  number === 1 ? `${jobId}.${fence}` : `${jobId}.${fence}.${number}`;

/** What jobs are called where others only know subjects: metering, audit. */
export const jobSubject = (id: string): { type: 'job'; id: string } => ({ type: 'job', id });
