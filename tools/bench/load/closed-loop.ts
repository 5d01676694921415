/** So many readers, each doing one thing after another: the load follows what the product can take, never more than `readers` at once. */
export class ClosedLoop<Result> {
  /** Everything done so far, inside and outside of measured spans. */
  total = 0;
  private readonly readers: number;
  private readonly turn: (reader: number) => Promise<Result>;
  private readonly spreadMs: number;
  private running: Promise<void> | undefined;
  private stopping = false;
  private failure: unknown;
  private finished: Result[] = [];

  /** @param spreadMs within which the readers begin, each at a moment of its own; 0 lets all begin in the same instant */
  constructor(readers: number, turn: (reader: number) => Promise<Result>, spreadMs = 0) {
    this.readers = readers;
    this.turn = turn;
    this.spreadMs = spreadMs;
  }

  /**
   * Lets the readers go on for so long.
   * @returns what they finished in this span
   * @throws whatever a turn threw
   */
  async runFor(milliseconds: number): Promise<{ finished: Result[]; elapsedMs: number }> {
    this.running ??= Promise.all(Array.from({ length: this.readers }, (_, reader) => this.read(reader))).then(
      () => undefined,
    );
    this.finished = [];
    const beganAt = performance.now();
    await Promise.race([this.running, pause(milliseconds)]);
    if (this.failure) throw this.failure;
    return { finished: this.finished, elapsedMs: performance.now() - beganAt };
  }

  /** Lets every reader finish its turn. @throws whatever a turn threw */
  async end(): Promise<void> {
    this.stopping = true;
    await this.running;
    if (this.failure) throw this.failure;
  }

  private async read(reader: number): Promise<void> {
    if (this.spreadMs > 0) await pause(Math.random() * this.spreadMs);
    while (!this.stopping) {
      try {
        this.finished.push(await this.turn(reader));
        this.total += 1;
      } catch (error) {
        this.failure ??= error;
        this.stopping = true;
      }
    }
  }
}

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
