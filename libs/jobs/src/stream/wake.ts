/** Lets one loop sleep until something happened since it last looked. Rings while nobody waits are kept. */
export class Wake {
  private rung = false;
  private resolve: (() => void) | undefined;

  ring = (): void => {
    this.rung = true;
    this.resolve?.();
  };

  async wait(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.resolve = resolve));
    this.rung = false;
    this.resolve = undefined;
  }
}
