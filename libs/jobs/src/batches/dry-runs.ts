import { DomainError, Slots } from '#libs/kernel';

/** A dry run composes and reads up to 200 MB of prompts; between its pieces this process serves everybody else. */
const AT_ONCE = 2;
/** Who waits holds no connection to the database. */
const IN_LINE = 100;

/** Looks at few files at once, and at one of each member: nobody keeps an api busy for themselves. Counted in each process by itself. */
export class DryRuns {
  private readonly slots = new Slots(AT_ONCE, IN_LINE);
  private readonly members = new Set<string>();

  /** @throws DomainError BATCHES.DRY_RUN_UNDER_WAY; SYSTEM.UNAVAILABLE when too many wait */
  async run<Result>(memberId: string, work: () => Promise<Result>): Promise<Result> {
    if (this.members.has(memberId)) throw new DomainError('BATCHES.DRY_RUN_UNDER_WAY', { retryAfterSeconds: 2 });
    this.members.add(memberId);
    try {
      return await this.slots.run(work);
    } finally {
      this.members.delete(memberId);
    }
  }
}
