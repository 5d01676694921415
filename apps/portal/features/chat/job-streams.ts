'use client';

import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { ApiProblem, type JobEvent, type Turn, followJob } from '#libs/api-client';
import { type LiveJob, afterEvent, isRunning, liveJobOf } from './live-job.ts';

/** Painting more often than this helps no reader and costs a Markdown parse of the whole answer each time. */
const PAINT_EVERY_MS = 50;

interface Stream {
  job: LiveJob;
  shown: LiveJob;
  timer: ReturnType<typeof setTimeout> | undefined;
  listeners: Set<() => void>;
}

/**
 * The jobs being read in this window, outside of React: an answer goes on arriving while its reader looks at another
 * conversation. Memory only; a reload reads the job again from the API.
 */
const streams = new Map<string, Stream>();

function publish(stream: Stream): void {
  clearTimeout(stream.timer);
  stream.timer = undefined;
  stream.shown = stream.job;
  stream.listeners.forEach((notify) => notify());
}

/** Starts reading a job that has not ended, unless it is being read. A reading that failed is taken up anew. */
export function follow(turn: Turn, onEnd: (job: LiveJob) => void): Stream | undefined {
  const held = streams.get(turn.jobId);
  if (!isRunning(turn) || (held && !held.job.problem)) return held;
  const job = liveJobOf(turn);
  const stream: Stream = { job, shown: job, timer: undefined, listeners: held?.listeners ?? new Set() };
  streams.set(turn.jobId, stream);
  const onEvent = (event: JobEvent) => {
    const before = stream.job;
    stream.job = afterEvent(before, event);
    if (stream.job.status !== before.status || before.isLost) publish(stream);
    else stream.timer ??= setTimeout(() => publish(stream), PAINT_EVERY_MS);
  };
  const onLost = () => {
    stream.job = { ...stream.job, isLost: true };
    publish(stream);
  };
  void followJob(turn.jobId, { onEvent, onLost })
    .catch((error: unknown) => {
      if (!(error instanceof ApiProblem)) throw error;
      stream.job = { ...stream.job, problem: error };
    })
    .finally(() => {
      publish(stream);
      onEnd(stream.job);
    });
  return stream;
}

/**
 * The state of a turn, live while its job runs. `onEnd` is called once, when the reading that this call started ends.
 */
export function useLiveJob(turn: Turn, onEnd: (job: LiveJob) => void): LiveJob {
  const { jobId } = turn;
  const recorded = useMemo(() => liveJobOf(turn), [turn]);
  const subscribe = useCallback(
    (notify: () => void) => {
      const stream = follow(turn, onEnd);
      stream?.listeners.add(notify);
      return () => stream?.listeners.delete(notify);
    },
    // One subscription per job: `turn` and `onEnd` are new objects whenever the conversation is read again
    [jobId],
  );
  const shown = useSyncExternalStore(
    subscribe,
    () => streams.get(jobId)?.shown,
    () => undefined,
  );
  return shown ?? recorded;
}
