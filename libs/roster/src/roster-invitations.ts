import { Injectable } from '@nestjs/common';
import type { AuditActor } from '#libs/audit';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { type Envelope, Invitations, type IssuedInvitation, loginIdKey } from '#libs/identity';
import type { Segment } from '#libs/kernel';
import { RosterRepository } from './roster-repository.ts';

/** Somebody whom an import added and who has never come. */
export interface InvitedMember extends IssuedInvitation {
  readonly loginId: string;
  readonly displayName: string;
  readonly departmentName: string | null;
  readonly mailAddress: string | null;
  /** The network on which the invitation opens. */
  readonly segment: Segment;
}

/** Of one transaction: the city's audit chain is held meanwhile. */
const AT_ONCE = 50;

// Those who sign in by the city's own identity provider come without an invitation, and then have come.
const NOT_COME = `
  SELECT m.id, m.login_id AS "loginId", m.display_name AS "displayName", d.name AS "departmentName",
    m.mail_address AS "mailAddress", m.segment
  FROM roster_changes c
  JOIN members m ON m.tenant_id = c.tenant_id AND m.login_id = c.key
  LEFT JOIN departments d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.subject = 'member' AND c.kind = 'added' AND m.status = 'active'
    AND m.password_hash IS NULL AND m.last_sign_in_at IS NULL AND m.login_id_key COLLATE "C" > $3
  ORDER BY m.login_id_key COLLATE "C" LIMIT ${AT_ONCE}`;

/** Invites, all at once, those whom an import has added. */
@Injectable()
export class RosterInvitations {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: RosterRepository,
    private readonly invitations: Invitations,
  ) {}

  /**
   * A new invitation for each who has not come yet; earlier ones of theirs end. Issued as they are read: who breaks off
   * asks again. @param envelope to mail them in, to those who can be mailed @throws DomainError REQUEST.NOT_FOUND
   */
  async issue(
    scope: TenantScope,
    actor: AuditActor,
    importId: string,
    envelope: Envelope | null = null,
  ): Promise<AsyncGenerator<InvitedMember>> {
    await this.database.run(scope, (tx) => this.repository.get(tx, importId));
    return this.inPages(scope, actor, importId, envelope);
  }

  private async *inPages(
    scope: TenantScope,
    actor: AuditActor,
    importId: string,
    envelope: Envelope | null,
  ): AsyncGenerator<InvitedMember> {
    for (let after = ''; ;) {
      const page = await this.database.run(scope, async (tx) => {
        const people = await tx.query<{ id: string } & Omit<InvitedMember, keyof IssuedInvitation>>(NOT_COME, [
          scope.tenantId,
          importId,
          after,
        ]);
        const issued: InvitedMember[] = [];
        for (const { id, ...person } of people)
          issued.push({ ...person, ...(await this.invitations.issue(tx, actor, id, envelope)) });
        return issued;
      });
      yield* page;
      if (page.length < AT_ONCE) return;
      after = loginIdKey(page.at(-1)!.loginId);
    }
  }
}
