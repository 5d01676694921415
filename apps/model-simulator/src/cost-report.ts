import { stringify } from 'csv-stringify/sync';
import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { type LedgerEntry, neverBegan } from './ledger.ts';

const dollars = z.string().regex(/^\d+(?:\.\d+)?$/);

/** What a report is asked for: a UTC month, and dollars per 1,000,000 tokens by model id. */
export const costReportRequest = z.strictObject({
  month: z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/),
  prices: z.record(
    z.string(),
    z.strictObject({
      input: dollars,
      output: dollars,
      cacheRead: dollars.default('0'),
      cacheWrite: dollars.default('0'),
    }),
  ),
});
export type CostReportRequest = z.infer<typeof costReportRequest>;

const ACCOUNT = '000000000000';
const REGION_PREFIX: Readonly<Record<string, string>> = { 'ap-northeast-1': 'APN1', 'ap-northeast-3': 'APN3' };

/** What a usage type ends with, for each kind of token. */
const SUFFIXES = {
  input: 'input-tokens',
  output: 'output-tokens',
  cacheRead: 'cache-read-input-token-count',
  cacheWrite: 'cache-write-input-token-count',
};
type TokenKind = keyof typeof SUFFIXES;
const KINDS: readonly TokenKind[] = ['input', 'output', 'cacheRead', 'cacheWrite'];

/** `jp.anthropic.claude-x` in Tokyo -> `APN1-anthropic.claude-x-input-tokens`: a profile is billed where it was called. */
export const usageTypeOf = (region: string, modelId: string, kind: TokenKind): string =>
  `${REGION_PREFIX[region] ?? region}-${modelId.replace(/^(?:jp|us|eu|apac|global)\./, '')}-${SUFFIXES[kind]}`;

/**
 * The ledger as AWS would bill it: a Cost and Usage Report 2.0 (CSV), one line an hour for each region, model and kind of
 * token. Throttled calls were never invoked and cost nothing; a call whose caller left costs what was generated.
 */
export function costReport(entries: readonly LedgerEntry[], { month, prices }: CostReportRequest): string {
  const hours = new Map<string, { entry: LedgerEntry; hour: string; kind: TokenKind; tokens: number }>();
  for (const entry of entries) {
    const isBilled = entry.protocol === 'bedrock' && entry.finishedAt !== null && !neverBegan(entry.state);
    if (!isBilled || !entry.startedAt.startsWith(month)) continue;
    const hour = `${entry.startedAt.slice(0, 13)}:00:00.000Z`;
    for (const kind of KINDS) {
      const tokens = entry[`${kind}Tokens`];
      // A bill has no line for what was not used.
      if (tokens === 0) continue;
      const key = JSON.stringify([hour, entry.region, entry.modelId, entry.streamed, kind]);
      hours.set(key, { entry, hour, kind, tokens: (hours.get(key)?.tokens ?? 0) + tokens });
    }
  }
  const lines = [...hours.values()].map(({ entry: { region, modelId, streamed }, hour, kind, tokens }, at) => ({
    identity_line_item_id: `simulated-${at + 1}`,
    bill_payer_account_id: ACCOUNT,
    bill_billing_period_start_date: `${month}-01T00:00:00.000Z`,
    line_item_usage_account_id: ACCOUNT,
    line_item_line_item_type: 'Usage',
    line_item_usage_start_date: hour,
    line_item_product_code: 'AmazonBedrock',
    line_item_usage_type: usageTypeOf(region, modelId, kind),
    line_item_operation: streamed ? 'InvokeModelStreamingInference' : 'InvokeModelInference',
    line_item_usage_amount: new Decimal(tokens).div(1_000).toFixed(),
    pricing_unit: '1K tokens',
    line_item_unblended_cost: new Decimal(tokens)
      .times(prices[modelId]?.[kind] ?? 0)
      .div(1_000_000)
      .toFixed(),
    line_item_currency_code: 'USD',
    product_region_code: region,
  }));
  return stringify(lines, { header: true, columns: COLUMNS });
}

const COLUMNS = [
  'identity_line_item_id',
  'bill_payer_account_id',
  'bill_billing_period_start_date',
  'line_item_usage_account_id',
  'line_item_line_item_type',
  'line_item_usage_start_date',
  'line_item_product_code',
  'line_item_usage_type',
  'line_item_operation',
  'line_item_usage_amount',
  'pricing_unit',
  'line_item_unblended_cost',
  'line_item_currency_code',
  'product_region_code',
];
