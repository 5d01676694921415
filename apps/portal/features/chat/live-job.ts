import { type ApiProblem, type Job, type JobEvent, type JobUsage, type Turn, applyDelta } from '#libs/api-client';

/** What is known of a turn's job while, and after, it is being read. */
export interface LiveJob {
  readonly status: Job['status'];
  /** Jobs that go before this one. */
  readonly position: number;
  readonly estimatedWaitMs: number | null;
  readonly model: string;
  /** Null until it is known which deployment answers. */
  readonly simulated: boolean | null;
  readonly answer: string;
  readonly usage: JobUsage | null;
  readonly finishReason: Job['finishReason'];
  readonly error: Job['error'];
  /** The service cannot be reached now; the reading goes on. */
  readonly isLost: boolean;
  /** Reading failed for good, which says nothing about the job itself. */
  readonly problem: ApiProblem | null;
}

export const isRunning = ({ status }: { status: Job['status'] }): boolean =>
  status === 'queued' || status === 'running';

/** A turn as the record holds it, before any event. */
export const liveJobOf = (turn: Turn): LiveJob => ({
  status: turn.status,
  position: 0,
  estimatedWaitMs: null,
  model: turn.model,
  simulated: turn.simulated,
  answer: turn.answer ?? '',
  usage: turn.usage,
  finishReason: turn.finishReason,
  error: turn.error,
  isLost: false,
  problem: null,
});

/** The state after an event. A finished job never changes again. */
export function afterEvent(held: LiveJob, event: JobEvent): LiveJob {
  if (!isRunning(held)) return held;
  const job = held.isLost ? { ...held, isLost: false } : held;
  switch (event.type) {
    case 'queued':
      // A resumed stream begins with this one also when the job is long at work
      if (job.status === 'running' && event.position === 0) return job;
      return { ...job, status: 'queued', position: event.position, estimatedWaitMs: event.estimatedWaitMs };
    case 'started':
      return { ...job, status: 'running', position: 0, model: event.model, simulated: event.simulated };
    case 'delta':
      return { ...job, status: 'running', answer: applyDelta(job.answer, event) };
    case 'usage':
      return { ...job, usage: event.usage };
    case 'completed':
      return { ...job, status: 'completed', finishReason: event.finishReason };
    case 'failed':
      return { ...job, status: 'failed', error: { code: event.code, title: event.title } };
    case 'cancelled':
      return { ...job, status: 'cancelled' };
  }
}
