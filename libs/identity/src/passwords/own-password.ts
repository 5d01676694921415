import { Injectable } from '@nestjs/common';
import { OpsDatabase, TenantDatabase, type Transaction } from '#libs/database';
import { VENDOR_TENANT_ID } from '#libs/kernel';
import type { MemberActor, Person, VendorActor } from '../actor.ts';
import { loginIdKey } from '../members/login-id.ts';
import { type AccountDoor, PasswordGate } from './password-gate.ts';

interface Account {
  readonly passwordHash: string;
}

/** Asks somebody who is signed in for their password again. */
@Injectable()
export class OwnPassword {
  constructor(
    private readonly database: TenantDatabase,
    private readonly opsDatabase: OpsDatabase,
    private readonly gate: PasswordGate,
  ) {}

  /**
   * A stolen session must not guess its way to the password: its guesses are counted apart from the owner's sign-ins.
   * @throws DomainError IDENTITY.THROTTLED, SYSTEM.UNAVAILABLE
   */
  async isRight(actor: Person, password: string): Promise<boolean> {
    return (await this.gate.check(this.doorOf(actor), { password, device: undefined })).passed;
  }

  /** Whether there is one to ask for: who came by an identity provider alone has none. */
  async isSet(actor: Person): Promise<boolean> {
    const door = this.doorOf(actor);
    return (await door.run((tx) => door.find(tx))) !== null;
  }

  private doorOf(actor: Person): AccountDoor<Account> {
    return actor.type === 'member' ? this.ofMember(actor) : this.ofVendor(actor);
  }

  private ofMember({ scope, id, loginId }: MemberActor): AccountDoor<Account> {
    return {
      tenantId: scope.tenantId,
      account: `change/${loginIdKey(loginId)}`,
      run: (work) => this.database.run(scope, work),
      find: (tx) => find(tx, 'members', id),
    };
  }

  private ofVendor({ id, loginId }: VendorActor): AccountDoor<Account> {
    return {
      tenantId: VENDOR_TENANT_ID,
      account: `vendor-change/${loginIdKey(loginId)}`,
      run: (work) =>
        this.opsDatabase.run(async (tx) => {
          await tx.actOn(VENDOR_TENANT_ID);
          return work(tx);
        }),
      find: (tx) => find(tx, 'vendor_users', id),
    };
  }
}

async function find(tx: Transaction, table: 'members' | 'vendor_users', id: string): Promise<Account | null> {
  const [account] = await tx.query<Account>(
    `SELECT password_hash AS "passwordHash" FROM ${table} WHERE id = $1 AND password_hash IS NOT NULL`,
    [id],
  );
  return account ?? null;
}
