import { pause } from '../load/closed-loop.ts';
import { Dice } from '../../dice.ts';
import type { FairLine } from './fair-line.ts';
import type { ServicePool } from './service-pool.ts';
import type { LineJob } from './waiting-line.ts';

const ASKED_EVERY_MS = 500;
const ASKED_AT_ONCE = 5;
/** As far down the line as a run comes. */
const ASKED_AMONG = 1_500;
const SEED = 7;

/** What jobs in the busy city's line are told, kept until it is known how long they waited. */
export class EstimateLog {
  private readonly told: { readonly jobId: string; readonly at: number; readonly waitMs: number }[] = [];
  private readonly line: FairLine;
  private readonly pool: ServicePool;
  private readonly backlog: readonly LineJob[];
  private readonly asking: Promise<void>;
  private open = true;

  constructor(line: FairLine, pool: ServicePool, backlog: readonly LineJob[]) {
    this.line = line;
    this.pool = pool;
    this.backlog = backlog;
    this.asking = this.ask();
  }

  async end(): Promise<void> {
    this.open = false;
    await this.asking;
  }

  /** Of those whose turn came while we looked. */
  errors(): { error: number; waited: number }[] {
    return this.told.flatMap(({ jobId, at, waitMs }) => {
      const { startedAt } = this.pool.services.get(jobId)!;
      return startedAt === undefined ? [] : [{ error: Math.abs(waitMs - (startedAt - at)), waited: startedAt - at }];
    });
  }

  private async ask(): Promise<void> {
    const dice = new Dice(SEED);
    while (this.open) {
      const next = this.backlog.findIndex(({ id }) => this.pool.services.get(id)!.startedAt === undefined);
      const jobs = Array.from(
        { length: ASKED_AT_ONCE },
        () => this.backlog[Math.min(next + Math.floor(dice.roll() * ASKED_AMONG), this.backlog.length - 1)]!,
      );
      const at = performance.now();
      for (const { jobId, running, waitMs } of await this.line.positions(jobs))
        if (!running && waitMs !== null) this.told.push({ jobId, at, waitMs });
      await pause(ASKED_EVERY_MS);
    }
  }
}
