import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import { Clock } from '#libs/kernel';

/** What an administrator does in a city's first afternoon, in this order. */
export const FIRST_STEPS = [
  'departments',
  'members',
  'signIn',
  'purposes',
  'networks',
  'budget',
  'question',
  'auditor',
] as const;
export type FirstStep = (typeof FIRST_STEPS)[number];

/** A city without an identity provider has nothing to link. */
const OPTIONAL: ReadonlySet<FirstStep> = new Set(['signIn']);

export interface FirstStepsState {
  readonly steps: readonly { readonly step: FirstStep; readonly done: boolean; readonly isOptional: boolean }[];
  readonly dismissed: boolean;
}

type Facts = Readonly<Record<FirstStep | 'dismissed', boolean>>;

// Each from the rows that the step leaves behind: undone, it is open again. Policies written while the vendor registered
// the city are not yet the city's own decision.
const FACTS = `
  SELECT EXISTS (SELECT FROM departments WHERE tenant_id = $1) AS departments,
    (SELECT count(*) FROM (SELECT FROM members WHERE tenant_id = $1 AND status = 'active' LIMIT 2) m) > 1 AS members,
    EXISTS (SELECT FROM member_identities WHERE tenant_id = $1)
      OR EXISTS (SELECT FROM member_provisionings WHERE tenant_id = $1 AND removed_at IS NULL) AS "signIn",
    EXISTS (SELECT FROM purposes WHERE tenant_id = $1 AND enabled) AS purposes,
    EXISTS (SELECT FROM segment_policies p JOIN tenants t ON t.id = p.tenant_id
            WHERE p.tenant_id = $1 AND p.updated_at > t.created_at + interval '1 minute') AS networks,
    EXISTS (SELECT FROM budget_allotments WHERE tenant_id = $1) AS budget,
    EXISTS (SELECT FROM usage_records WHERE tenant_id = $1) AS question,
    EXISTS (SELECT FROM members WHERE tenant_id = $1 AND status = 'active' AND role = 'auditor') AS auditor,
    EXISTS (SELECT FROM first_steps WHERE tenant_id = $1) AS dismissed`;

/** The city's own list of what is left to do before its people can work. */
@Injectable()
export class FirstSteps {
  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async read(tx: TenantTransaction): Promise<FirstStepsState> {
    const [facts] = await tx.query<Facts>(FACTS, [tx.scope.tenantId]);
    return {
      steps: FIRST_STEPS.map((step) => ({ step, done: facts![step], isOptional: OPTIONAL.has(step) })),
      dismissed: facts!.dismissed,
    };
  }

  /** For all administrators of the city: the list no longer asks for itself, and stays where it is. */
  async dismiss(tx: TenantTransaction, actor: AuditActor & { readonly id: string }): Promise<void> {
    const written = await tx.query(
      `INSERT INTO first_steps (tenant_id, dismissed_by, dismissed_at) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING tenant_id`,
      [tx.scope.tenantId, actor.id, this.clock.now()],
    );
    if (written.length > 0)
      await this.audit.append(tx, { action: 'first-steps.dismissed', actor, segment: tx.scope.segment });
  }
}
