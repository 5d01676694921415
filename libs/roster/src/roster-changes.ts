import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { digestOf } from './plan/plan-roster.ts';
import type { ChangeKind, RosterChange } from './roster.ts';

export interface ChangeQuery {
  readonly subject?: RosterChange['subject'] | undefined;
  readonly kind?: ChangeKind | undefined;
  /** Position of the last line of the page before; -1 for the first page. */
  readonly after: number;
  readonly limit: number;
}

/** The diff of an import as it is stored. */
@Injectable()
export class RosterChanges {
  async list(
    tx: TenantTransaction,
    importId: string,
    { subject, kind, after, limit }: ChangeQuery,
  ): Promise<{ readonly position: number; readonly change: RosterChange }[]> {
    const rows = await tx.query<RosterChange & { readonly position: number }>(
      `SELECT position, subject, kind, key, row, before, after FROM roster_changes
       WHERE tenant_id = $1 AND import_id = $2 AND position > $3 AND ($4::text IS NULL OR subject = $4)
         AND ($5::text IS NULL OR kind = $5) ORDER BY position LIMIT $6`,
      [tx.scope.tenantId, importId, after, subject ?? null, kind ?? null, limit],
    );
    return rows.map(({ position, ...change }) => ({ position, change }));
  }

  /**
   * Members of the transaction's network whom the diff disables, takes to another network or gives a last day: in order of
   * login id.
   */
  leaving(
    tx: TenantTransaction,
    importId: string,
  ): Promise<{ readonly memberId: string; readonly loginId: string; readonly displayName: string }[]> {
    return tx.query(
      `SELECT m.id AS "memberId", m.login_id AS "loginId", m.display_name AS "displayName"
       FROM roster_changes c JOIN members m ON m.tenant_id = c.tenant_id AND m.login_id = c.key AND m.segment = $3
       WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.subject = 'member' AND (c.after->>'status' = 'disabled'
         OR c.after->>'segment' <> c.before->>'segment'
         OR (c.after->>'lastDay' IS NOT NULL AND c.after->>'lastDay' IS DISTINCT FROM c.before->>'lastDay'))
       ORDER BY m.login_id_key COLLATE "C"`,
      [tx.scope.tenantId, importId, tx.scope.segment],
    );
  }

  /** The digest of what is stored now: equal to the one in the audit trail, or somebody has changed the rows. */
  async digest(tx: TenantTransaction, importId: string): Promise<string> {
    const rows = await tx.query<{ line: string }>(
      'SELECT line FROM roster_changes WHERE tenant_id = $1 AND import_id = $2 ORDER BY position',
      [tx.scope.tenantId, importId],
    );
    return digestOf(rows.map(({ line }) => line));
  }
}
