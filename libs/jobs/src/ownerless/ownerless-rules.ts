import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

/**
 * `keep`: until the network's retention ends it, or somebody is named. `manager`: to the manager of the department, or of
 * the nearest one above that has one. `delete`: for good.
 */
export const OWNERLESS_RULES = ['keep', 'manager', 'delete'] as const;

/** What becomes by itself of what people who left have written on a network. */
export interface OwnerlessRule {
  readonly rule: (typeof OWNERLESS_RULES)[number];
  /** Days after they left, and after the rule was set: a mistake is seen before it costs anything. 7 to 365. */
  readonly afterDays: number;
}

export const OWNERLESS_DAYS = { least: 7, most: 365 } as const;
const UNSAID: OwnerlessRule = { rule: 'keep', afterDays: 30 };

/** A city's rule for each of its networks, of which it sees one at a time. */
@Injectable()
export class OwnerlessRules {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** On the transaction's network. */
  async current(tx: TenantTransaction): Promise<OwnerlessRule> {
    const [row] = await tx.query<OwnerlessRule>(
      'SELECT rule, after_days AS "afterDays" FROM ownerless_rules WHERE tenant_id = $1',
      [tx.scope.tenantId],
    );
    return row ?? UNSAID;
  }

  /** The same rule again changes nothing, and its days go on. */
  async change(tx: TenantTransaction, { type, id }: AuditActor, { rule, afterDays }: OwnerlessRule): Promise<void> {
    const { tenantId, segment } = tx.scope;
    const changed = await tx.query(
      `INSERT INTO ownerless_rules AS r (tenant_id, segment, rule, after_days, updated_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, segment) DO UPDATE
         SET rule = EXCLUDED.rule, after_days = EXCLUDED.after_days, updated_at = EXCLUDED.updated_at
         WHERE (r.rule, r.after_days) <> (EXCLUDED.rule, EXCLUDED.after_days)
       RETURNING rule`,
      [tenantId, segment, rule, afterDays, this.clock.now()],
    );
    if (changed.length === 0) return;
    const details = { rule, afterDays };
    await this.audit.append(tx, { action: 'ownerless-rule.changed', actor: { type, id }, segment, details });
  }
}
