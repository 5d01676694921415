import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Line } from '../../test/line.ts';
import { ThrottlingProvider } from '../../test/throttling-provider.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterAll(() => line.close());

const TOKENS_PER_SECOND = 40_000;
const REGIONS = ['tokyo', 'osaka'] as const;
const STEP = 0.05;
const ASKING = 100;
const RETURN_PAUSE = 0.25;
/** Questions of a city hall: what is read and written, and for how much room is asked. */
const QUESTIONS = [
  { inputTokens: 600, maxTokens: 400, outputTokens: 210 },
  { inputTokens: 2_900, maxTokens: 400, outputTokens: 400 },
  { inputTokens: 1_500, maxTokens: 400, outputTokens: 370 },
  { inputTokens: 3_400, maxTokens: 400, outputTokens: 400 },
  { inputTokens: 300, maxTokens: 400, outputTokens: 120 },
  { inputTokens: 2_100, maxTokens: 4_000, outputTokens: 390 },
  { inputTokens: 1_100, maxTokens: 400, outputTokens: 300 },
] as const;

type Question = (typeof QUESTIONS)[number];

/** A busy day at two regions, as the pool lives it: time passes as the test says, however slow the machine is. */
class BusyDay {
  readonly providers = new Map(REGIONS.map((id) => [id as string, new ThrottlingProvider(TOKENS_PER_SECOND)]));
  private readonly questions = new Map<string, Question>();
  private readonly answers: { readonly at: number; readonly burned: number }[] = [];
  private asked = 0;
  now = 0;

  private constructor(
    private readonly city: string,
    /** The database's clock at the beginning of the day, as of now. */
    private began: number,
  ) {}

  static async begin(): Promise<BusyDay> {
    await line.clear();
    await line.configure(
      ...REGIONS.map((id) => ({
        id,
        concurrency: 64,
        tokensPerMinute: 60 * TOKENS_PER_SECOND,
        outputBurnDown: ThrottlingProvider.OUTPUT_BURN_DOWN,
      })),
    );
    await line.everything.query('UPDATE pool_deployments SET tokens_left = 0, refilled_at = clock_timestamp()');
    const [clock] = await line.everything.query<{ s: number }[]>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 AS s',
    );
    return new BusyDay(await line.foundCity(), clock!.s);
  }

  async passes(seconds: number): Promise<void> {
    for (const until = this.now + seconds; this.now < until - STEP / 2;) await this.step();
  }

  scale(factor: number): void {
    for (const provider of this.providers.values()) provider.scale(factor);
  }

  /** Of what was granted in a span, what became answers. */
  share(from: number, to: number, factor: number): number {
    const kept = this.answers.filter(({ at }) => at >= from && at < to).reduce((sum, { burned }) => sum + burned, 0);
    return kept / ((to - from) * REGIONS.length * TOKENS_PER_SECOND * factor);
  }

  /** Seconds from a change until the four that follow, and all that are left, are at nine tenths of what is granted. */
  recovery(from: number, to: number, factor: number): number {
    for (let at = from; at < to - 4; at += 0.25)
      if (this.share(at, at + 4, factor) >= 0.9 && this.share(at, to, factor) >= 0.9) return at - from;
    return to - from;
  }

  get refused(): number {
    const all = [...this.providers.values()];
    return all.reduce((sum, { refused }) => sum + refused, 0) / all.reduce((sum, { calls }) => sum + calls, 0);
  }

  private async step(): Promise<void> {
    this.now += STEP;
    for (const provider of this.providers.values())
      for (const { job, burned } of provider.turn(this.now, STEP)) {
        await line.finish([job], burned, burned);
        this.questions.delete(job);
        this.answers.push({ at: this.now, burned });
      }
    while (this.questions.size < ASKING) await this.ask();
    await this.setClock();
    for (const { job_id: job, deployment_id: at } of await line.admit()) {
      const question = this.questions.get(job)!;
      const seconds = 0.2 + question.outputTokens * 0.002;
      if (!this.providers.get(at)!.start({ job, ...question }, this.now, seconds)) await this.refuse(job, at);
    }
  }

  private async ask(): Promise<void> {
    const question = QUESTIONS[(this.asked += 1) % QUESTIONS.length]!;
    const { inputTokens, maxTokens } = question;
    const [job] = await line.queue(this.city, 1, { tokens: inputTokens, inputTokens, maxTokens });
    this.questions.set(job!, question);
  }

  /** What the worker does that met it. */
  private async refuse(job: string, at: string): Promise<void> {
    await line.everything.query('UPDATE admission_entries SET lease_fence = 1 WHERE job_id = $1', [job]);
    await this.setClock();
    await line.fault(at, 'throttled', { city: this.city, job });
    await line.everything.query(
      `UPDATE admission_entries SET lease_fence = NULL, returned_at = clock_timestamp() + make_interval(secs => $2)
       WHERE job_id = $1`,
      [job, RETURN_PAUSE],
    );
  }

  /** Moves every instant that the pool remembers so that it sees the time of this day, whatever the machine has taken. */
  private async setClock(): Promise<void> {
    const [moved] = await line.everything.query<{ ago: number }[]>(
      `WITH ahead AS (SELECT $1 - extract(epoch FROM clock_timestamp())::float8 AS ago),
       returned AS (
         UPDATE admission_entries SET returned_at = returned_at - make_interval(secs => ago) FROM ahead
         WHERE returned_at IS NOT NULL),
       pool AS (
         UPDATE pool_deployments SET refilled_at = refilled_at - make_interval(secs => ago),
           throttled_at = throttled_at - make_interval(secs => ago) FROM ahead)
       SELECT ago FROM ahead`,
      [this.began + this.now],
    );
    // From now on the database's clock stands for a later time of this day.
    this.began -= moved!.ago;
  }
}

describe('a quota that is changed without a word', () => {
  it.each([0.5, 0.8])(
    'to %f and back, costs a call in a hundred, and nine tenths of it are used again within 10 s',
    { timeout: 240_000 },
    async (factor) => {
      const day = await BusyDay.begin();
      await day.passes(30);
      expect(day.share(10, 30, 1)).toBeGreaterThan(0.95);
      day.scale(factor);
      await day.passes(20);
      day.scale(1);
      await day.passes(20);
      expect(day.refused).toBeLessThanOrEqual(0.01);
      expect(day.share(30, 50, factor)).toBeGreaterThan(0.9);
      expect(day.recovery(30, 50, factor)).toBeLessThanOrEqual(10);
      expect(day.recovery(50, 70, 1)).toBeLessThanOrEqual(10);
    },
  );
});
