import type { Caller } from './callers.ts';
import { pause } from './client.ts';

const TERMINAL = new Set(['completed', 'failed', 'cancelled']);
const RECONNECT_MS = 200;

/** What one reader saw of one job. */
export interface Reading {
  readonly jobId: string;
  readonly caller: Caller;
  /** The answer as spliced from the deltas. */
  text: string;
  readonly terminals: string[];
  connections: number;
  /** How often it cut its own connection. */
  leaves: number;
  readonly faults: string[];
  /** False when it gave up before the end, of its own will or because its time was over. */
  stayed: boolean;
}

export interface ReadOptions {
  /** Milliseconds until the reader gives up on the job. */
  readonly patienceMs: number;
  /** Cuts its own connection after so many deltas, this often, and comes back. */
  readonly leaveAfterDeltas?: number | undefined;
  /** Called once when the first delta has come. */
  readonly onFirstDelta?: () => void;
}

/** Follows a job to its end, coming back with the last event id whenever the connection breaks. */
export async function read(caller: Caller, jobId: string, options: ReadOptions): Promise<Reading> {
  const reading: Reading = {
    jobId,
    caller,
    text: '',
    terminals: [],
    connections: 0,
    leaves: 0,
    faults: [],
    stayed: false,
  };
  const deadline = performance.now() + options.patienceMs;
  const position = { lastEventId: undefined as string | undefined, deltas: 0 };
  while (performance.now() < deadline) {
    reading.connections += 1;
    await connection(reading, position, deadline, options).catch(() => undefined);
    if (reading.terminals.length > 0) {
      reading.stayed = true;
      break;
    }
    await pause(RECONNECT_MS);
  }
  return reading;
}

/** A reader comes back by another entrance than it was thrown out of. */
const entrance = ({ caller: { origins }, connections }: Reading) => origins[(connections - 1) % origins.length]!;

type Position = { lastEventId: string | undefined; deltas: number };

/** One connection, until it ends, breaks or is left. */
async function connection(reading: Reading, position: Position, deadline: number, options: ReadOptions): Promise<void> {
  const leave = new AbortController();
  const patience = setTimeout(() => leave.abort(), deadline - performance.now());
  try {
    const answer = await fetch(`${entrance(reading)}/api/v1/jobs/${reading.jobId}/events`, {
      headers: {
        ...reading.caller.headers,
        ...(position.lastEventId !== undefined && { 'last-event-id': position.lastEventId }),
      },
      signal: leave.signal,
    });
    if (answer.status !== 200 || !answer.body) {
      if (answer.status < 500) reading.faults.push(`events answered ${answer.status}`);
      await answer.body?.cancel();
      return;
    }
    let buffered = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      buffered += piece;
      const blocks = buffered.split('\n\n');
      buffered = blocks.pop()!;
      for (const block of blocks) take(block, reading, position, options);
      if (options.leaveAfterDeltas && position.deltas >= options.leaveAfterDeltas * (reading.leaves + 1)) {
        reading.leaves += 1;
        leave.abort();
      }
    }
  } finally {
    clearTimeout(patience);
  }
}

function take(block: string, reading: Reading, position: Position, options: ReadOptions): void {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const event = field('event');
  if (event === undefined) return; // a heartbeat
  if (reading.terminals.length > 0) reading.faults.push(`${event} after ${reading.terminals[0]}`);
  if (TERMINAL.has(event)) reading.terminals.push(event);
  if (event !== 'delta') return;
  position.lastEventId = field('id');
  position.deltas += 1;
  if (position.deltas === 1) options.onFirstDelta?.();
  const { offset, text } = JSON.parse(field('data')!) as { offset: number; text: string };
  if (offset > reading.text.length) reading.faults.push(`gap: delta at ${offset}, ${reading.text.length} held`);
  const replaced = reading.text.slice(offset);
  // An answer that differs may start again; one that goes on as before must not say again what is held.
  if (replaced !== '' && text.startsWith(replaced)) reading.faults.push(`repeat: ${replaced.length} from ${offset}`);
  reading.text = reading.text.slice(0, offset) + text;
}
