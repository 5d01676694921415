import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, TenantDatabase } from '#libs/database';
import { VENDOR_TENANT_ID } from '#libs/kernel';
import type { Actor } from './actor.ts';
import type { Permission } from './permissions.ts';

/** Writes down who asked for what they may not do. */
@Injectable()
export class AccessRefusals {
  constructor(
    private readonly database: TenantDatabase,
    private readonly opsDatabase: OpsDatabase,
    private readonly audit: AuditTrail,
  ) {}

  async record({ type, id, ...actor }: Actor, permission: Permission): Promise<void> {
    const event = {
      action: 'access.refused',
      actor: { type, id },
      outcome: 'refused',
      details: { permission },
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
