/** A run that serves so many saves little by waiting for more. */
const ENOUGH = 8;
/** A run that waited long for a lock is no reason to let the next one wait as long. */
const LONGEST_REST_MS = 20;

interface Pending<Cause> extends PromiseWithResolvers<void> {
  readonly causes: Set<Cause>;
  asked: number;
}

/**
 * Work of which one run serves everybody who asked before it began, whatever their cause; one runs at a time. What a run
 * costs hardly depends on how many it serves, so that who comes soon after one waits for company, unless enough have come.
 *
 * A run begins when this turn of the event loop has done what it had to: works that shared a transaction all ask at its end.
 */
export class Coalesced<Cause extends string> {
  private readonly restUntil = new Map<Cause, number>();
  private next: Pending<Cause> | undefined;
  private running = false;
  private callOff = (): void => undefined;

  /**
   * @param work is told the causes that it runs for
   * @param rests by cause, how long whoever asks waits after a run, in times that the run took, unless it ran for causes
   *   that wait longer only. The next run begins as soon as one who asked waits no longer
   */
  constructor(
    private readonly work: (causes: ReadonlySet<Cause>) => Promise<void>,
    private readonly rests: Readonly<Record<Cause, number>>,
  ) {}

  /** Resolves after a run that began after this call. @throws what that run threw */
  request(cause: Cause): Promise<void> {
    this.next ??= { ...Promise.withResolvers<void>(), causes: new Set(), asked: 0 };
    this.next.causes.add(cause);
    this.next.asked += 1;
    const { promise } = this.next;
    this.arrange(this.next);
    return promise;
  }

  private arrange({ causes, asked }: Pending<Cause>): void {
    if (this.running) return; // it arranges the next one when it ends
    this.callOff();
    const begins = Math.min(...[...causes].map((cause) => this.restUntil.get(cause) ?? 0));
    const early = asked < ENOUGH ? begins - performance.now() : 0;
    this.callOff = early > 0 ? afterRest(early, () => void this.run()) : atEndOfTurn(() => void this.run());
  }

  private async run(): Promise<void> {
    const { causes, resolve, reject } = this.next!;
    this.next = undefined;
    this.running = true;
    const beganAt = performance.now();
    await this.work(causes).then(resolve, reject);
    this.running = false;
    const endedAt = performance.now();
    const tookMs = endedAt - beganAt;
    const least = Math.min(...[...causes].map((cause) => this.rests[cause]));
    for (const [cause, rest] of Object.entries<number>(this.rests))
      if (rest >= least) this.restUntil.set(cause as Cause, endedAt + Math.min(rest * tookMs, LONGEST_REST_MS));
    if (this.next) this.arrange(this.next);
  }
}

function afterRest(milliseconds: number, begin: () => void): () => void {
  const timer = setTimeout(begin, milliseconds);
  return () => clearTimeout(timer);
}

/** When all that is settled by now has been heard, and before anything new from outside is. */
function atEndOfTurn(begin: () => void): () => void {
  let off = false;
  process.nextTick(() => off || begin());
  return () => void (off = true);
}
