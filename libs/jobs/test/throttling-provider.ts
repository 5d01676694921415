interface Call {
  readonly job: string;
  readonly inputTokens: number;
  readonly maxTokens: number;
  readonly outputTokens: number;
}

interface Running extends Call {
  readonly endsAt: number;
}

export interface Ended {
  readonly job: string;
  readonly burned: number;
}

/**
 * A model service with Bedrock's quota rule, in time that the test tells it: a call takes input and maxTokens when it starts,
 * or is refused; what it burned takes their place when it ends. The apps have one that speaks the wire; a lib imports none.
 */
export class ThrottlingProvider {
  static readonly OUTPUT_BURN_DOWN = 5;
  private left = 0;
  private factor = 1;
  private running: Running[] = [];
  calls = 0;
  refused = 0;

  constructor(private readonly tokensPerSecond: number) {}

  /** Grants this part of its quota from now on, nothing that it held before, and tells nobody. */
  scale(factor: number): void {
    this.factor = factor;
    this.left = Math.min(this.left, 0);
  }

  /** @returns false when the call is throttled */
  start(call: Call, now: number, seconds: number): boolean {
    const need = call.inputTokens + call.maxTokens;
    this.calls += 1;
    if (this.left < need) {
      this.refused += 1;
      return false;
    }
    this.left -= need;
    this.running.push({ ...call, endsAt: now + seconds });
    return true;
  }

  /** Fills the quota and ends the calls that are due. */
  turn(now: number, seconds: number): Ended[] {
    const perSecond = this.factor * this.tokensPerSecond;
    this.left = Math.min(this.left + seconds * perSecond, 60 * perSecond);
    const [due, running] = [
      this.running.filter(({ endsAt }) => endsAt <= now),
      this.running.filter(({ endsAt }) => endsAt > now),
    ];
    this.running = running;
    return due.map(({ job, inputTokens, maxTokens, outputTokens }) => {
      const burned = inputTokens + outputTokens * ThrottlingProvider.OUTPUT_BURN_DOWN;
      this.left += inputTokens + maxTokens - burned;
      return { job, burned };
    });
  }
}
