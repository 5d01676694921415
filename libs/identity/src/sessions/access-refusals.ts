import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, TenantDatabase } from '#libs/database';
import { type ErrorCode, VENDOR_TENANT_ID } from '#libs/kernel';
import type { Actor } from '../actor.ts';
import type { Permission } from '../permissions.ts';

/** Writes down who asked for what they may not do. */
@Injectable()
export class AccessRefusals {
  constructor(
    private readonly database: TenantDatabase,
    private readonly opsDatabase: OpsDatabase,
    private readonly audit: AuditTrail,
  ) {}

  /** @param reason the permission that was missing, or the code of the rule that stood against it */
  async record({ type, id, ...actor }: Actor, reason: { permission: Permission } | { code: ErrorCode }): Promise<void> {
    const event = {
      action: 'access.refused',
      actor: { type, id },
      outcome: 'refused',
      details: reason,
    } as const;
    if ('scope' in actor) {
      const { scope } = actor;
      await this.database.run(scope, (tx) => this.audit.append(tx, { ...event, segment: scope.segment }));
      return;
    }
    await this.opsDatabase.run(async (tx) => {
      await tx.actOn(VENDOR_TENANT_ID);
      await this.audit.append(tx, event);
    });
  }
}
