import { Clock } from '#libs/kernel';

/** Time that stands still until the test moves it. */
export class FrozenClock extends Clock {
  private instant: number;

  /** @param at ISO 8601 instant; by default an ordinary Japanese working day, 10:00 JST */
  constructor(at: string | Date = '2026-06-10T01:00:00.000Z') {
    super();
    this.instant = new Date(at).getTime();
  }

  now(): Date {
    return new Date(this.instant);
  }

  /** Moves on by milliseconds. */
  advance(ms: number): void {
    this.instant += ms;
  }

  /** Jumps to an instant, backwards too. */
  set(at: string | Date): void {
    this.instant = new Date(at).getTime();
  }
}
