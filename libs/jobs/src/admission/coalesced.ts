import { setTimeout as pause } from 'node:timers/promises';

/** A run that serves so many saves little by waiting for more. */
const ENOUGH = 8;
/** A run that waited long for a lock is no reason to let the next one wait as long. */
const LONGEST_REST_MS = 20;

/**
 * Work of which one run serves everybody who asked before it began. It begins when this turn of the event loop has done what
 * it had to: works that shared a transaction all ask at its end, and one run is enough for them.
 */
export class Coalesced {
  private current: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private asked = 0;
  private tookMs = 0;

  /**
   * @param rest between a run and the next one that few already wait for, as long as the run took: what a run costs hardly
   *   depends on how many it serves. Without it the next begins at once
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
    this.asked += 1;
    this.next ??= (this.current ? this.restAfter(this.current) : endOfTurn()).then(() => this.run());
    return this.next;
  }

  private async restAfter(current: Promise<void>): Promise<void> {
    await current.catch(() => undefined);
    if (this.asked < ENOUGH) await this.rest?.(Math.min(this.tookMs, LONGEST_REST_MS));
  }

  private run(): Promise<void> {
    this.next = undefined;
    this.asked = 0;
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
