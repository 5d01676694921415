import type { FinanceDatabase } from '#libs/database';
import { type JstMonth, type TenantId, newId } from '#libs/kernel';
import { canonicalText } from '../invoices/canonical.ts';
import type { DraftDocument } from '../invoices/draft-document.ts';

/** A draft as it will be kept. */
export interface Draft {
  readonly tenantId: TenantId;
  readonly contractId: string;
  readonly subtotalJpy: number;
  readonly taxJpy: number;
  readonly document: string;
}

/** Some cities of a month, one after another, with the drafts of those that get one. */
export interface DraftSlice {
  /** The last city before them, null where they are the first. */
  readonly after: TenantId | null;
  readonly last: TenantId;
  readonly cities: number;
  readonly drafts: readonly Draft[];
}

export const draftOf = (tenantId: TenantId, draft: DraftDocument): Draft => ({
  tenantId,
  contractId: draft.contract.id,
  subtotalJpy: draft.subtotalJpy,
  taxJpy: draft.taxJpy,
  document: canonicalText(draft),
});

/** Between texts of JSON, none of which has it (RFC 7464): an array would have every quotation mark of them escaped and read again. */
const SEPARATOR = '\u001e';

/**
 * Takes the month from where the slice begins, keeps the drafts and says how far the close is. All in one statement: its
 * transaction waits for nobody, however busy this process is, and others that want the month wait for it alone. What is there
 * already is left alone: a repeated close finds its own drafts.
 */
const KEEP = `
  WITH taken AS (
    UPDATE billing_periods SET last_tenant_id = $3, done = done + $4, touched_at = $5
    WHERE month = $1 AND state = 'closing' AND fault IS NULL AND phase = 'drafting' AND last_tenant_id IS NOT DISTINCT FROM $2
    RETURNING month),
  drafted AS (
    INSERT INTO invoices (tenant_id, id, kind, month, contract_id, subtotal_jpy, tax_jpy, total_jpy, document, created_at)
    SELECT d.tenant_id, d.id, 'invoice', t.month, d.contract_id, d.subtotal, d.tax, d.subtotal + d.tax, d.document, $5
    FROM taken t CROSS JOIN unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::numeric[], $10::numeric[],
      string_to_array($11, '${SEPARATOR}')) AS d (tenant_id, id, contract_id, subtotal, tax, document)
    ON CONFLICT (tenant_id, month, contract_id) WHERE kind = 'invoice' DO NOTHING
    RETURNING tenant_id, id),
  told AS (
    INSERT INTO invoice_events (tenant_id, id, invoice_id, step, occurred_at)
    SELECT d.tenant_id, e.id, d.id, 'drafted', $5
    FROM drafted d JOIN unnest($7::uuid[], $12::uuid[]) AS e (invoice_id, id) ON e.invoice_id = d.id)
  SELECT FROM taken`;

/** @returns false when the month is not where the slice begins: somebody else has gone on with it, or something stopped it */
export async function keepDrafts(
  database: FinanceDatabase,
  month: JstMonth,
  { after, last, cities, drafts }: DraftSlice,
  now: Date,
): Promise<boolean> {
  const taken = await database.query(KEEP, [
    `${month}-01`,
    after,
    last,
    cities,
    now,
    drafts.map(({ tenantId }) => tenantId),
    drafts.map(() => newId()),
    drafts.map(({ contractId }) => contractId),
    drafts.map(({ subtotalJpy }) => subtotalJpy),
    drafts.map(({ taxJpy }) => taxJpy),
    drafts.map(({ document }) => document).join(SEPARATOR),
    drafts.map(() => newId()),
  ]);
  return taken.length > 0;
}
