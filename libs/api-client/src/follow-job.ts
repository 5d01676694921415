import { createClient, unwrap } from './client.ts';
import { type JobEndEvent, type JobEvent, eventsOf, isEnd, parseJobEvent } from './job-events.ts';
import { ApiProblem, toProblem } from './problem.ts';
import { SseParser } from './sse-parser.ts';

/**
 * Milliseconds. A stream begins with the job's state at once, so a mute one is being held back on the way (`openMs`); from
 * then on the server beats every 15 s, and silence beyond two beats means that the way is broken (`silenceMs`).
 */
const FOLLOW_TIMINGS = { openMs: 6000, silenceMs: 35_000, retryMs: 500, maxRetryMs: 8000, pollMs: 1500 };
/** Streams in a row that brought nothing before we take the network for one that does not let streams through. */
const FRUITLESS_STREAMS = 2;

export interface FollowOptions {
  /** Resume after this event instead of from the start. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
  /** The service cannot be reached now; the reading goes on by itself, and the next event says that it can. */
  readonly onLost?: () => void;
  readonly baseUrl?: string;
  readonly timings?: Partial<typeof FOLLOW_TIMINGS>;
}

/**
 * Reads a job to its end: the event stream, taken up again by Last-Event-ID whenever it breaks, and GET /jobs/{id}
 * where streams do not come through. Calls `onEvent` in order and resolves with the terminal event.
 * @throws ApiProblem when the job is refused to this reader (401, 403, 404); the signal's reason when aborted.
 */
export async function followJob(jobId: string, options: FollowOptions): Promise<JobEndEvent> {
  const timings = { ...FOLLOW_TIMINGS, ...options.timings };
  let lastEventId = options.lastEventId;
  let fruitless = 0;
  while (fruitless < FRUITLESS_STREAMS) {
    let heard = false;
    const end = await readStream(jobId, { ...options, lastEventId }, timings, (id) => {
      heard = true;
      lastEventId = id ?? lastEventId;
    });
    if (end) return end;
    fruitless = heard ? 0 : fruitless + 1;
    await pause(backoff(fruitless, timings), options.signal);
  }
  return pollJob(jobId, options, timings);
}

/** One stream, from its opening to its end or break. Null means: broken, worth another try. */
async function readStream(
  jobId: string,
  { baseUrl = '', lastEventId, signal, onEvent, onLost }: FollowOptions,
  { openMs, silenceMs }: typeof FOLLOW_TIMINGS,
  onHeard: (id: string | undefined) => void,
): Promise<JobEndEvent | null> {
  const silence = new AbortController();
  const watch = (ms: number) => setTimeout(() => silence.abort(), ms);
  let timer = watch(openMs);
  let isOpen = false;
  try {
    const headers = { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) };
    const abort = AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]);
    const response = await fetch(`${baseUrl}/api/v1/jobs/${encodeURIComponent(jobId)}/events`, {
      headers,
      signal: abort,
      cache: 'no-store',
    });
    isOpen = response.ok;
    if (!response.ok) throw toProblem(await response.json().catch(() => null), response.status);
    if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return null;
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      clearTimeout(timer);
      timer = watch(silenceMs);
      for (const message of parser.push(decoder.decode(read.value, { stream: true }))) {
        const event = parseJobEvent(message.event, message.data);
        onHeard(message.id);
        if (!event) continue;
        onEvent(event);
        if (isEnd(event)) return event;
      }
    }
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ApiProblem && !error.isTransient) throw error;
    // One that opened and broke, or that somebody holds back, says nothing yet about the service
    if (!isOpen && !silence.signal.aborted) onLost?.();
    return null;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The fallback: asks until the job has ended. Each answer holds the whole text, so a lost one costs nothing. */
async function pollJob(
  jobId: string,
  { baseUrl, signal, onEvent, onLost }: FollowOptions,
  timings: typeof FOLLOW_TIMINGS,
): Promise<JobEndEvent> {
  const client = createClient(baseUrl);
  for (let failures = 0; ;) {
    try {
      const job = await unwrap(client.GET('/api/v1/jobs/{id}', { params: { path: { id: jobId } }, signal }));
      failures = 0;
      for (const event of eventsOf(job)) {
        onEvent(event);
        if (isEnd(event)) return event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ApiProblem && error.isTransient)) throw error;
      failures += 1;
      onLost?.();
    }
    await pause(failures ? backoff(failures, timings) : timings.pollMs, signal);
  }
}

const backoff = (failures: number, { retryMs, maxRetryMs }: typeof FOLLOW_TIMINGS): number =>
  Math.min(maxRetryMs, retryMs * 2 ** Math.max(0, failures - 1));

/** Waits, or rejects with the signal's reason as soon as it aborts. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
