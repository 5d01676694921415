/** The only source of "now" in domain code, so that a test can hold time still. */
export abstract class Clock {
  abstract now(): Date;
}

/** The time of this machine: what every process but a test goes by. */
export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}
