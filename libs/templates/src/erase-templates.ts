import type { TenantTransaction } from '#libs/database';

/** A member's own on the transaction's network, for good. @returns how many there were */
export async function eraseTemplatesOf(tx: TenantTransaction, memberId: string): Promise<number> {
  const gone = await tx.query('DELETE FROM templates WHERE tenant_id = $1 AND member_id = $2 RETURNING id', [
    tx.scope.tenantId,
    memberId,
  ]);
  return gone.length;
}
