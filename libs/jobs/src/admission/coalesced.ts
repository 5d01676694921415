import { setTimeout as pause } from 'node:timers/promises';

/** A run that waited long for a lock is no reason to let the next one wait as long. */
const LONGEST_REST_MS = 20;

/**
 * Work of which one run serves everybody who asked before it began. It begins when this turn of the event loop has done what
 * it had to: works that shared a transaction all ask at its end, and one run is enough for them.
 */
export class Coalesced {
  private current: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private tookMs = 0;

  /**
   * @param rest between a run and the next one that somebody already waits for, as long as the run took: what a run costs
   *   hardly depends on how many it serves. Without it the next begins at once
   */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly rest?: (milliseconds: number) => Promise<unknown>,
  ) {}

  static resting(work: () => Promise<void>): Coalesced {
    return new Coalesced(work, pause);
  }

  /** Resolves after a run that began after this call. @throws what that run threw */
  request(): Promise<void> {
    this.next ??= (this.current ? this.restAfter(this.current) : endOfTurn()).then(() => this.run());
    return this.next;
  }

  private async restAfter(current: Promise<void>): Promise<void> {
    await current.catch(() => undefined);
    await this.rest?.(Math.min(this.tookMs, LONGEST_REST_MS));
  }

  private run(): Promise<void> {
    this.next = undefined;
    const beganAt = performance.now();
    this.current = this.work().finally(() => {
      this.current = undefined;
      this.tookMs = performance.now() - beganAt;
    });
    return this.current;
  }
}

/** When all that is settled by now has been heard, and before anything new from outside is. */
const endOfTurn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
