import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import type { TenantId } from '#libs/kernel';
import { readKnownDevice } from './known-device.ts';
import { PasswordHasher } from './password-hasher.ts';
import { SignInAttempts, attemptCounter } from './sign-in-attempts.ts';

/** What somebody typed, and the device they typed it on. */
export interface PasswordAttempt {
  readonly password: string;
  /** The known-device cookie, when the browser had one. */
  readonly device: string | undefined;
}

/** Where to look for the account somebody named. */
export interface AccountDoor<Account extends { readonly passwordHash: string }> {
  readonly tenantId: TenantId;
  /** Names the account, whether it exists or not. */
  readonly account: string;
  find(tx: Transaction): Promise<Account | null>;
  run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result>;
}

export type PasswordVerdict<Account> =
  | { readonly passed: true; readonly account: Account; readonly deviceId: string | undefined }
  | { readonly passed: false; readonly account: Account | null };

/** Throttle and password check of both planes: an account that does not exist takes the same steps and the same time. */
@Injectable()
export class PasswordGate {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly attempts: SignInAttempts,
  ) {}

  /** @throws DomainError IDENTITY.THROTTLED, SYSTEM.UNAVAILABLE when too many are signing in */
  async check<Account extends { readonly passwordHash: string }>(
    door: AccountDoor<Account>,
    { password, device }: PasswordAttempt,
  ): Promise<PasswordVerdict<Account>> {
    const { account, counter, deviceId } = await door.run(async (tx) => {
      const found = await door.find(tx);
      const id = found && readKnownDevice(device, found.passwordHash);
      const where = attemptCounter(door.tenantId, door.account, id);
      // Looked at before standing in line, so that a flood of hopeless attempts does not lengthen the line.
      await this.attempts.assertOpen(tx, where);
      return { account: found, counter: where, deviceId: id ?? undefined };
    });
    const passed = await this.hasher.check(password, account?.passwordHash ?? null, {
      claim: () => door.run((tx) => this.attempts.claim(tx, counter)),
      passed: () => door.run((tx) => this.attempts.clear(tx, counter)),
    });
    return passed && account ? { passed, account, deviceId } : { passed: false, account };
  }
}
