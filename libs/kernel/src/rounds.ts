/** Work that is done again and again, a pause after each other: rounds that a slow database holds up do not pile up. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  /**
   * @param work its failures are its own; the next round comes all the same
   * @param firstMs the pause before the first round
   */
  start(pauseMs: number, work: () => Promise<void>, firstMs = pauseMs): void {
    this.timer = setTimeout(() => {
      this.round = work().finally(() => this.timer && this.start(pauseMs, work));
    }, firstMs);
  }

  /** Resolves when the round under way has come to its end. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.round;
  }
}
