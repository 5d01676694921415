import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import type { TenantTransaction } from '#libs/database';
import type { MemberRole } from '../permissions.ts';

/** A word of the provider's and the role it gives here. */
export interface ProvisionedRole {
  readonly value: string;
  readonly role: MemberRole;
}

/** What an administrator lets the identity provider's words mean. Without any, a provider gives nobody a role. */
@Injectable()
export class ProvisionedRoles {
  constructor(private readonly audit: AuditTrail) {}

  list(tx: TenantTransaction): Promise<ProvisionedRole[]> {
    return tx.query<ProvisionedRole>('SELECT value, role FROM provisioned_roles ORDER BY value');
  }

  /** The first of these words that means something. */
  async firstOf(tx: TenantTransaction, values: readonly string[]): Promise<ProvisionedRole | null> {
    if (values.length === 0) return null;
    const [first] = await tx.query<ProvisionedRole>(
      `SELECT value, role FROM provisioned_roles WHERE value = ANY ($1) ORDER BY array_position($1, value) LIMIT 1`,
      [values],
    );
    return first ?? null;
  }

  /** From the next change of a member on; who has a role keeps it until then. */
  async replace(tx: TenantTransaction, actor: AuditActor, roles: readonly ProvisionedRole[]): Promise<void> {
    await tx.query('DELETE FROM provisioned_roles WHERE tenant_id = $1', [tx.scope.tenantId]);
    await tx.query(
      `INSERT INTO provisioned_roles (tenant_id, value, role)
       SELECT $1, value, role FROM unnest($2::text[], $3::text[]) AS mapped (value, role)`,
      [tx.scope.tenantId, roles.map(({ value }) => value), roles.map(({ role }) => role)],
    );
    await this.audit.append(tx, {
      action: 'provisioning.roles-changed',
      actor,
      segment: tx.scope.segment,
      subject: { type: 'provisioning', id: tx.scope.tenantId },
      details: { roles: roles.map(({ value, role }) => `${value}=${role}`).join(', ') },
    });
  }
}
