import { DomainError } from './domain-error.ts';

/** When somebody who waits must have an answer, whatever the database does. */
export class Deadline {
  private readonly timer: NodeJS.Timeout;
  private readonly passed: Promise<void>;
  private late = false;

  constructor(milliseconds: number) {
    let pass = (): void => undefined;
    this.passed = new Promise((resolve) => (pass = resolve));
    this.timer = setTimeout(() => {
      this.late = true;
      pass();
    }, milliseconds);
  }

  /** Before a step that cannot be taken back. @throws DomainError SYSTEM.UNAVAILABLE when it is too late for it */
  demandTime(): void {
    if (this.late) throw new DomainError('SYSTEM.UNAVAILABLE');
  }

  /** @throws DomainError SYSTEM.UNAVAILABLE when the work is not done in time; it goes on unheard */
  orRefuse<T>(work: Promise<T>): Promise<T> {
    const refused = this.passed.then((): never => {
      throw new DomainError('SYSTEM.UNAVAILABLE');
    });
    return Promise.race([work, refused]);
  }

  /** Waits for work that is of use and not needed: no longer than there is time, and whatever comes of it. */
  async orGoOn(work: Promise<unknown>): Promise<void> {
    await Promise.race([work.catch(() => undefined), this.passed]);
  }

  /** Nobody waits any more. */
  end(): void {
    clearTimeout(this.timer);
  }
}
