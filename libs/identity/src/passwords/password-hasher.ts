import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { Slots } from '#libs/kernel';

// argon2id is this package's default variant. OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
// Each one takes a core for some 20 ms. A storm of sign-ins must leave cores for the work of those already signed in.
const AT_ONCE = 2;
const IN_LINE = 500;

/** A hash that no password has, so that an unknown account costs the same time as a known one. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$w5rQAt/niqb/kpaLnMgL9A$GlWZTf/e1QHDSz4oOgODYnPkeBCYd7dkEEVKNOMg8ro';

/** Unicode writes one character in several ways; keyboards differ in which. */
const normalized = (password: string): string => password.normalize('NFKC');

interface AttemptHooks {
  /** Before the password is looked at; what it throws ends the attempt. */
  claim(): Promise<void>;
  passed(): Promise<void>;
}

/** Hashes and checks passwords, a bounded number at a time. */
@Injectable()
export class PasswordHasher {
  private readonly slots = new Slots(AT_ONCE, IN_LINE);

  hash(password: string): Promise<string> {
    return this.slots.run(() => hash(normalized(password), PARAMETERS));
  }

  /**
   * Takes a turn, then asks `claim`, checks, and tells `passed` of a right password. All of it is within the turn: of the
   * attempts of one moment only those that have their turn are counted as open.
   * @param stored null for an account that does not exist: the answer is false, after the same time
   */
  check(password: string, stored: string | null, { claim, passed }: AttemptHooks): Promise<boolean> {
    return this.slots.run(async () => {
      await claim();
      const matches = await verify(stored ?? NOBODY, normalized(password));
      if (!matches || stored === null) return false;
      await passed();
      return true;
    });
  }
}
