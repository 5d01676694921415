import type { Job, JobUsage } from './types.ts';

/**
 * What a job tells its reader: queued*, started, delta*, usage?, then exactly one terminal event. A job that is given back
 * before its first word is queued again; one whose worker was lost starts again.
 */
export type JobEvent =
  | { readonly type: 'queued'; readonly position: number; readonly estimatedWaitMs: number | null }
  | { readonly type: 'started'; readonly attempt: number | null; readonly model: string; readonly simulated: boolean }
  | { readonly type: 'delta'; readonly offset: number; readonly text: string }
  | { readonly type: 'usage'; readonly usage: JobUsage }
  | JobEndEvent;

export type JobEndEvent =
  | { readonly type: 'completed'; readonly finishReason: Job['finishReason'] }
  | { readonly type: 'failed'; readonly code: string; readonly title: string }
  | { readonly type: 'cancelled' };

const EVENT_TYPES = ['queued', 'started', 'delta', 'usage', 'completed', 'failed', 'cancelled'] as const;

/** Reads one SSE message. An event name this client does not know is skipped (null), so that the API may grow. */
export function parseJobEvent(event: string, data: string): JobEvent | null {
  if (!(EVENT_TYPES as readonly string[]).includes(event)) return null;
  const body = JSON.parse(data) as object;
  return (event === 'usage' ? { type: event, usage: body } : { ...body, type: event }) as JobEvent;
}

export const isEnd = (event: JobEvent): event is JobEndEvent =>
  event.type === 'completed' || event.type === 'failed' || event.type === 'cancelled';

/** Puts a delta into the answer held so far; an offset below its length replaces from there (a retried attempt). */
export const applyDelta = (answer: string, delta: { readonly offset: number; readonly text: string }): string =>
  answer.slice(0, delta.offset) + delta.text;

/** The events that bring a reader who knows nothing to the state of a job as GET /jobs/{id} gave it. */
export function eventsOf(job: Job): JobEvent[] {
  const { status, model, simulated, position, estimatedWaitMs, usage, output } = job;
  if (status === 'queued') return [{ type: 'queued', position, estimatedWaitMs }];
  const events: JobEvent[] = [];
  if (job.startedAt) events.push({ type: 'started', attempt: null, model, simulated: simulated ?? false });
  if (output) events.push({ type: 'delta', offset: 0, text: output.text });
  if (status === 'running') return events;
  if (usage) events.push({ type: 'usage', usage });
  if (status === 'completed') events.push({ type: 'completed', finishReason: job.finishReason });
  else if (status === 'cancelled') events.push({ type: 'cancelled' });
  else events.push({ type: 'failed', code: job.error?.code ?? 'SYSTEM.UNEXPECTED', title: job.error?.title ?? '' });
  return events;
}
