/** Fills at a steady rate up to its capacity. It may hold less than nothing, and then gives nothing until it is full enough. */
export class TokenBucket {
  private left: number;

  constructor(
    private perMs: number,
    private readonly windowMs: number,
    private refilledAt: number,
  ) {
    this.left = this.capacity;
  }

  private get capacity(): number {
    return this.perMs * this.windowMs;
  }

  holds(amount: number, now: number): boolean {
    return this.at(now) >= amount;
  }

  /** Changes what is left; a negative amount takes, also what is not there. */
  add(amount: number, now: number): void {
    this.left = Math.min(this.at(now) + amount, this.capacity);
  }

  /** From now on it fills at this rate; what it holds above its new capacity is lost. */
  setRate(perMs: number, now: number): void {
    this.at(now);
    this.perMs = perMs;
    this.left = Math.min(this.left, this.capacity);
  }

  at(now: number): number {
    this.left = Math.min(this.left + (now - this.refilledAt) * this.perMs, this.capacity);
    this.refilledAt = now;
    return this.left;
  }
}
