import { DomainError } from '#libs/kernel';

/** How long a call may take, in milliseconds. */
export interface ModelTimeouts {
  /** From the call to its first event. */
  readonly firstTokenMs: number;
  /** Between two events. */
  readonly tokenGapMs: number;
  /** From the call to its last event. */
  readonly totalMs: number;
  /** From the reader's leaving to the usage event. */
  readonly drainMs: number;
}

class DrainExpired extends Error {}

/**
 * The clocks of one stream. Three timers at most, and the one for gaps is refreshed rather than made anew,
 * because hundreds of tokens a second pass here.
 */
export class StreamDeadlines {
  private readonly total: NodeJS.Timeout;
  private next: NodeJS.Timeout;
  private drain: NodeJS.Timeout | undefined;
  private started = false;

  constructor(
    private readonly timeouts: ModelTimeouts,
    private readonly expire: (reason: Error) => void,
  ) {
    this.total = setTimeout(this.timedOut, timeouts.totalMs);
    this.next = setTimeout(this.timedOut, timeouts.firstTokenMs);
  }

  /** An event came: the wait for the next one starts. */
  progress(): void {
    if (this.started) {
      this.next.refresh();
      return;
    }
    this.started = true;
    clearTimeout(this.next);
    this.next = setTimeout(this.timedOut, this.timeouts.tokenGapMs);
  }

  /** The reader left: from here the usage event has its own bound. */
  startDrain(): void {
    this.drain ??= setTimeout(() => this.expire(new DrainExpired()), this.timeouts.drainMs);
  }

  stop(): void {
    clearTimeout(this.total);
    clearTimeout(this.next);
    clearTimeout(this.drain);
  }

  private readonly timedOut = (): void => this.expire(new DomainError('MODEL.TIMED_OUT'));
}
