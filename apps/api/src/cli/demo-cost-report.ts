import type { INestApplicationContext } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { CostReportImporter, ReconciliationReport, UsageTypeModels, VarianceEntries } from '#libs/billing';
import type { ModelDeployment } from '#libs/config';
import { FinanceDatabase } from '#libs/database';
import { Clock } from '#libs/kernel';
import { ModelPool } from '#libs/model-pool';
import type { Vendor } from '#libs/pricing';

const COLUMNS =
  'line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_operation,line_item_usage_amount,pricing_unit,line_item_unblended_cost,line_item_currency_code,product_region_code';
const KINDS = ['input', 'output'] as const;

/** As the provider would charge it, to the last digit: numeric all the way, and text from there on. */
const CHARGES = `
  SELECT to_char(u.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
    sum(u.input_tokens)::text AS input, trim_scale(sum(u.input_tokens * p.input_price) * 0.000001)::text AS "inputUsd",
    sum(u.output_tokens)::text AS output, trim_scale(sum(u.output_tokens * p.output_price) * 0.000001)::text AS "outputUsd"
  FROM usage_records u JOIN model_prices p ON p.id = u.price_id AND p.currency = 'USD'
  WHERE u.deployment_id = $1 AND to_char(u.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM') = $2 GROUP BY 1 ORDER BY 1`;

interface Charge {
  readonly day: string;
  readonly input: string;
  readonly inputUsd: string;
  readonly output: string;
  readonly outputUsd: string;
}

/**
 * The simulated provider's bill of last month: it agrees with the use of every day but one, on which somebody used the
 * account past the product; the explanation waits for a second person. One small line is left for finance to map. Does
 * nothing where a report is there or nothing was used.
 */
export async function seedCostReport(
  app: INestApplicationContext,
  accountant: Vendor & { type: 'vendor' },
): Promise<void> {
  const deployment = app.get(ModelPool).deployments.find((each) => each.provider === 'bedrock' && each.simulated);
  const month = Temporal.Instant.fromEpochMilliseconds(app.get(Clock).now().getTime())
    .toZonedDateTimeISO('UTC')
    .toPlainDate()
    .toPlainYearMonth()
    .subtract({ months: 1 })
    .toString();
  const [finance, reports] = [app.get(FinanceDatabase), app.get(ReconciliationReport)];
  if (!deployment || (await finance.run((tx) => reports.current(tx, month)))) return;
  const charges = await finance.query<Charge>(CHARGES, [deployment.id, month]);
  if (charges.length === 0) return;

  const usageType = (kind: string) => `APN1-${deployment.model}-${kind}-tokens`;
  await app.get(UsageTypeModels).set(
    accountant,
    KINDS.map((tokenKind) => ({
      usageType: usageType(tokenKind),
      productCode: '',
      model: deployment.model,
      tokenKind,
    })),
  );
  const line = lineOf(deployment);
  const lines = charges.flatMap(({ day, input, inputUsd, output, outputUsd }) => [
    line(day, usageType('input'), input, inputUsd),
    line(day, usageType('output'), output, outputUsd),
  ]);
  const { day } = charges[Math.floor(charges.length / 2)]!;
  lines.push(line(day, usageType('input'), '820000', '2.706'));
  lines.push(line(day, 'APN1-TitanEmbeddingsV2-Text-input-tokens', '21000000', '0.42'));
  await app.get(CostReportImporter).import(accountant, {
    month,
    fileName: `cur2-${month}.csv`,
    file: (async function* file() {
      yield Buffer.from(`${COLUMNS}\n${lines.join('\n')}\n`);
    })(),
  });
  const variances = await finance.run((tx) => reports.variances(tx, month));
  const found = variances.find(({ model, openUsd }) => model === deployment.model && openUsd !== '0');
  const explanation = `${day} の運用担当による疎通確認（製品を経由しない呼出し）。作業記録と一致。`;
  if (found) await app.get(VarianceEntries).propose(accountant, found.id, { kind: 'explained', explanation });
}

const lineOf =
  ({ region }: ModelDeployment) =>
  (day: string, usageType: string, tokens: string, usd: string): string =>
    `${day}T00:00:00Z,Usage,AmazonBedrock,${usageType},InvokeModelStreamingInference,${tokens},Tokens,${usd},USD,${region}`;
