/** SQL: the name of whom a row of `conversations` or `batches` was taken over from; NULL where it is its first owner's. */
export const handedOverFrom = (table: 'conversations' | 'batches'): string => `(
  SELECT m.display_name FROM handovers h JOIN members m ON m.tenant_id = h.tenant_id AND m.id = h.from_member
  WHERE h.tenant_id = ${table}.tenant_id AND h.id = ${table}.handover_id
)`;
