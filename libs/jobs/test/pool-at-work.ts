import { Dice } from '#libs/kernel';
import type { Admitted, Line, Waiting } from './line.ts';

/** What a waiting job was told, in seconds. */
interface Told {
  readonly job: string;
  readonly at: number;
  readonly wait: number | null;
}

/** The same beside what then happened. */
export interface Wait {
  readonly told: number | null;
  readonly real: number;
}

/**
 * A pool that works a line off: each place of a deployment serves so many tokens a second, each job by chance a little
 * faster or slower. Time is written into the past and not waited for.
 */
export class PoolAtWork {
  private readonly line: Line;
  private readonly speeds: Readonly<Record<string, number>>;
  private readonly dice: Dice;
  private readonly tokens = new Map<string, number>();
  private readonly startedAt = new Map<string, number>();
  private readonly coming: { readonly at: number; readonly come: () => Promise<unknown> }[] = [];
  private running: { readonly job: string; readonly endsAt: number }[] = [];
  private now = 0;

  /** @param speeds tokens a second that a place of each deployment serves */
  constructor(line: Line, seed: number, speeds: Readonly<Record<string, number>>) {
    this.line = line;
    this.speeds = speeds;
    this.dice = new Dice(seed);
  }

  /** Puts jobs of about a thousand tokens in line. */
  async queue(city: string, jobs: number, waiting: Waiting = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let job = 0; job < jobs; job += 1) {
      const tokens = this.dice.between(400, 1_600);
      const [id] = await this.line.queue(city, 1, { ...waiting, tokens });
      this.tokens.set(id!, tokens);
      ids.push(id!);
    }
    return ids;
  }

  /** One job of the city every so many seconds on average, until then. */
  arrive(city: string, everySeconds: number, until: number, waiting: Waiting = {}): void {
    for (let at = this.now; at < until; at += everySeconds * (0.5 + this.dice.roll()))
      this.coming.push({ at, come: () => this.queue(city, 1, waiting) });
    this.coming.sort((a, b) => a.at - b.at);
  }

  async run(seconds: number): Promise<void> {
    const until = this.now + seconds;
    do await this.step(until);
    while (this.now < until);
  }

  /** What these are told now, those that wait, in order of the line. */
  async told(jobs: readonly string[]): Promise<Told[]> {
    const places = (await this.line.positions(jobs)).filter(({ stage }) => stage !== 'running');
    return places
      .toSorted((a, b) => a.ahead - b.ahead)
      .map((row) => ({
        job: row.job_id,
        at: this.now,
        wait: row.wait_ms === null ? null : Number(row.wait_ms) / 1_000,
      }));
  }

  /** Goes on until all of them run. */
  async waits(told: readonly Told[]): Promise<Wait[]> {
    while (told.some(({ job }) => !this.startedAt.has(job))) await this.step(Infinity);
    return told.map(({ job, at, wait }) => ({ told: wait, real: this.startedAt.get(job)! - at }));
  }

  /** Admits, and goes on to the next end or arrival. */
  private async step(until: number): Promise<void> {
    for (const admitted of await this.line.admit()) {
      this.startedAt.set(admitted.job_id, this.now);
      this.running.push({ job: admitted.job_id, endsAt: this.now + this.serviceOf(admitted) });
    }
    const ends = Math.min(...this.running.map(({ endsAt }) => endsAt));
    const next = Math.min(until, ends, this.coming[0]?.at ?? Infinity);
    if (next === Infinity) throw new Error('nothing runs and nothing comes');
    await this.line.pass(next - this.now);
    this.now = next;
    for (const { job } of this.running.filter(({ endsAt }) => endsAt <= next))
      await this.line.finish([job], this.tokens.get(job)!);
    this.running = this.running.filter(({ endsAt }) => endsAt > next);
    while (this.coming[0] && this.coming[0].at <= next) await this.coming.shift()!.come();
  }

  private serviceOf({ job_id, deployment_id }: Admitted): number {
    return (this.tokens.get(job_id)! / this.speeds[deployment_id]!) * (0.6 + 0.8 * this.dice.roll());
  }
}
