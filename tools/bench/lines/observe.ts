import { processorSeconds, processorShares } from '../measure/processor-time.ts';
import { quantilesOf } from '../measure/quantiles.ts';
import { pause } from '../load/closed-loop.ts';
import { COUNTED_AFTER_MS, MS_PER_TOKEN, PLACES, type Scene } from './busy-city.ts';
import { EstimateLog } from './estimate-log.ts';
import { FairLine } from './fair-line.ts';
import { ServicePool } from './service-pool.ts';
import type { WaitingLine } from './waiting-line.ts';

const PLACES_TAKEN_MS = 3_000;
/** The longest that the backlog takes first in, first out. */
const LAST_QUIET_WITHIN_MS = 90_000;

/** What became of the quiet cities' jobs, milliseconds. */
export interface Figures {
  readonly p50: number;
  readonly p95: number;
  /** From the request to the end of the service. */
  readonly answeredP95: number;
  readonly busy: number;
  readonly processors: string;
  /** Milliseconds by which the busy city's jobs were told wrongly, and how long they waited from then on. */
  readonly errors: readonly { readonly error: number; readonly waited: number }[];
}

/** Lets a line with its backlog move, and the quiet cities ask. @throws Error when a quiet job is never served */
export async function observe(
  line: WaitingLine,
  { backlog, arrivals }: Scene,
  processes: Readonly<Record<string, number>>,
): Promise<Figures> {
  await using closing = new AsyncDisposableStack();
  closing.use(line);
  const pool = new ServicePool(MS_PER_TOKEN);
  for (const job of backlog) pool.arrive(job);
  if (backlog.length > 0) await line.fill(backlog);
  await line.start(PLACES, (jobId) => pool.serve(jobId));
  await pause(PLACES_TAKEN_MS);
  const used = processorSeconds(processes);
  const began = performance.now();
  const from = began + COUNTED_AFTER_MS;
  const told = line instanceof FairLine && backlog.length > 0 ? new EstimateLog(line, pool, backlog) : undefined;
  const adding: Promise<void>[] = [];
  for (const { atMs, job } of arrivals) {
    const early = began + atMs - performance.now();
    if (early > 1) await pause(early);
    pool.arrive(job);
    adding.push(line.add(job));
  }
  await Promise.all(adding);
  const to = performance.now();
  const shares = processorShares(used, processorSeconds(processes));
  const quiet = arrivals.filter(({ atMs }) => atMs >= COUNTED_AFTER_MS).map(({ job }) => pool.services.get(job.id)!);
  for (const deadline = from + LAST_QUIET_WITHIN_MS; quiet.some(({ endedAt }) => endedAt === undefined);) {
    if (performance.now() > deadline) throw new Error('some quiet jobs were not served in time');
    await pause(100);
  }
  await told?.end();
  pool.close();
  const waits = quantilesOf(quiet.map(({ arrivedAt, startedAt }) => startedAt! - arrivedAt));
  const cores = shares.reduce((sum, { seconds }) => sum + seconds, 0) / ((to - began) / 1000);
  return {
    p50: waits.p50,
    p95: waits.p95,
    answeredP95: quantilesOf(quiet.map(({ arrivedAt, endedAt }) => endedAt! - arrivedAt)).p95,
    busy: pool.busy(PLACES, from, to),
    processors: `CPU ${cores.toFixed(2)} コア`,
    errors: told?.errors() ?? [],
  };
}
