import { setTimeout as pause } from 'node:timers/promises';

/** A run that waited long for a lock is no reason to let the next one wait as long. */
const LONGEST_REST_MS = 20;

/** Work of which one run serves everybody who asked before it began. */
export class Coalesced {
  private current: Promise<void> | undefined;
  private following: Promise<void> | undefined;
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
    if (this.following) return this.following;
    if (!this.current) {
      const beganAt = performance.now();
      this.current = this.work().finally(() => {
        this.current = undefined;
        this.tookMs = performance.now() - beganAt;
      });
      return this.current;
    }
    this.following = this.current
      .catch(() => undefined)
      .then(() => this.rest?.(Math.min(this.tookMs, LONGEST_REST_MS)))
      .then(() => {
        this.following = undefined;
        return this.request();
      });
    return this.following;
  }
}
