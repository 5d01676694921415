import { Injectable } from '@nestjs/common';
import { type AuditEvent, AuditTrail } from '#libs/audit';
import type { CrossTenantTransaction } from '#libs/database';
import { type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';

/** What the vendor agrees with cities stands in the chain of each of them and in its own. */
@Injectable()
export class ContractTrail {
  constructor(private readonly audit: AuditTrail) {}

  /** Call last in the transaction. Chains are locks, taken in one order by everybody. */
  async record(tx: CrossTenantTransaction, cities: readonly TenantId[], event: AuditEvent): Promise<void> {
    for (const chain of [...[...cities].sort(), VENDOR_TENANT_ID]) {
      await tx.actOn(chain);
      await this.audit.append(tx, event);
    }
  }
}
