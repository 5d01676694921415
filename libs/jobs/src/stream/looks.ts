import { DomainError } from '#libs/kernel';

const MAX_FAILED_LOOKS = 5;

/**
 * Looks at a row whose reader cannot come back, or need not: what fails is tried again with the next news, which come every
 * second. A job goes on and is paid for, whoever fails to look.
 */
export class Looks {
  private failed = 0;

  /** @returns null when it failed; @throws when it did so time and again, or when there is nothing to see */
  async take<Snapshot>(look: () => Promise<Snapshot>): Promise<Snapshot | null> {
    try {
      const snapshot = await look();
      this.failed = 0;
      return snapshot;
    } catch (error) {
      this.failed += 1;
      if (error instanceof DomainError || this.failed === MAX_FAILED_LOOKS) throw error;
      return null;
    }
  }
}
