import { DomainError } from './domain-error.ts';

/** Lets so many pieces of work run at once, and so many wait; the rest is told to come back. */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly inLine: number,
  ) {}

  /** @throws DomainError SYSTEM.UNAVAILABLE when the line is full */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.atOnce) this.running += 1;
    else if (this.waiting.length < this.inLine) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else throw new DomainError('SYSTEM.UNAVAILABLE', { retryAfterSeconds: 5 });
    try {
      return await work();
    } finally {
      // A slot is handed over, not given back: nobody can slip in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
