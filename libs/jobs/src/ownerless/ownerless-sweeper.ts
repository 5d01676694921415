import { Injectable } from '@nestjs/common';
import { AdmissionDatabase, TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { newId } from '#libs/kernel';
import { Handovers } from './handovers.ts';
import { type FormerOwner, OwnerlessContent } from './ownerless-content.ts';
import { OwnerlessEraser } from './ownerless-eraser.ts';
import type { OwnerlessRule } from './ownerless-rules.ts';

const AT_ONCE = 50;

const RULED = `SELECT tenant_id AS "tenantId", segment FROM ownerless_rules WHERE rule <> 'keep'`;
// A city that is leaving has stopped: what it takes along does not change meanwhile
const LOCK_RULE = `
  SELECT r.rule FROM ownerless_rules r JOIN tenants t ON t.id = r.tenant_id AND t.status = 'active'
  WHERE r.tenant_id = $1 FOR SHARE OF r`;

// One worker at a time; nobody comes back meanwhile
const LOCK_OWNER = 'SELECT FROM members WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE';

/** Of how many people something was handed over, or erased. */
export interface Followed {
  readonly handedOver: number;
  readonly erased: number;
}

/**
 * Does what a city's rule says with what people left, once its day has come. Each step is a transaction of its own, so that
 * it may be killed anywhere, and run at once with another.
 */
@Injectable()
export class OwnerlessSweeper {
  constructor(
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly content: OwnerlessContent,
    private readonly handovers: Handovers,
    private readonly eraser: OwnerlessEraser,
  ) {}

  /** In every city whose rule is not to keep. */
  async sweep(): Promise<Followed> {
    const total = { handedOver: 0, erased: 0 };
    for (const scope of await this.admission.query<TenantScope>(RULED))
      for (let after: string | null = ''; after !== null;) {
        const due = await this.due(scope, after);
        for (const { memberId } of due) {
          const done = await this.follow(scope, memberId);
          if (done) total[done] += 1;
        }
        after = due.length === AT_ONCE ? due.at(-1)!.key : null;
      }
    return total;
  }

  private due(scope: TenantScope, after: string): Promise<FormerOwner[]> {
    return this.database.run(scope, (tx) => this.content.list(tx, { after, limit: AT_ONCE, isDue: true }));
  }

  /** Step by step until there is nothing more to do. @returns what was done; null for nothing */
  private async follow(scope: TenantScope, memberId: string): Promise<keyof Followed | null> {
    let done: keyof Followed | null = null;
    for (let more = true; more;) {
      const step = await this.database.run(scope, (tx) => this.step(tx, memberId));
      more = step !== null;
      done = step ?? done;
    }
    return done;
  }

  /** What was due a moment ago is looked at again under locks: somebody may have come back, or the rule have changed. */
  private async step(tx: TenantTransaction, memberId: string): Promise<keyof Followed | null> {
    const [ruled] = await tx.query<Pick<OwnerlessRule, 'rule'>>(LOCK_RULE, [tx.scope.tenantId]);
    await tx.query(LOCK_OWNER, [tx.scope.tenantId, memberId]);
    const [owner] = await this.content.list(tx, { after: '', limit: 1, isDue: true, memberId });
    if (!ruled || !owner) return null;
    if (ruled.rule === 'delete') return (await this.eraser.step(tx, memberId)) > 0 ? 'erased' : null;
    if (ruled.rule !== 'manager' || !owner.heir) return null;
    await this.handovers.followRule(tx, { id: newId(), from: memberId, to: owner.heir.id });
    return 'handedOver';
  }
}
