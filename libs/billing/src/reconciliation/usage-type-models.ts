import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, FinanceDatabase, type Transaction } from '#libs/database';
import { Clock, VENDOR_TENANT_ID } from '#libs/kernel';
import { CostComparison } from './cost-comparison.ts';
import type { TokenKind } from './cost-report.ts';
import type { VendorPerson } from './two-people.ts';

/** What a usage type of the provider's bill is in our words. */
export interface UsageTypeModel {
  readonly usageType: string;
  /** Empty: whatever the product. */
  readonly productCode: string;
  readonly model: string;
  readonly tokenKind: TokenKind;
}

/** The table that finance keeps: usage type of the bill -> model and kind of token. */
@Injectable()
export class UsageTypeModels {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly comparison: CostComparison,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  list(tx: Transaction): Promise<UsageTypeModel[]> {
    return tx.query(
      `SELECT usage_type AS "usageType", product_code AS "productCode", model, token_kind AS "tokenKind"
       FROM usage_type_models ORDER BY usage_type, product_code`,
    );
  }

  /** Adds or changes mappings and finds the variances of the months that they concern anew. */
  async set(actor: VendorPerson, mappings: readonly UsageTypeModel[]): Promise<void> {
    await this.database.run(async (tx) => {
      await tx.query(
        `INSERT INTO usage_type_models AS m (usage_type, product_code, model, token_kind, set_by, set_at)
         SELECT n.usage_type, n.product_code, n.model, n.token_kind, $5, $6
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n (usage_type, product_code, model, token_kind)
         ORDER BY 1, 2
         ON CONFLICT (usage_type, product_code) DO UPDATE SET model = EXCLUDED.model, token_kind = EXCLUDED.token_kind,
           set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at`,
        [
          mappings.map(({ usageType }) => usageType),
          mappings.map(({ productCode }) => productCode),
          mappings.map(({ model }) => model),
          mappings.map(({ tokenKind }) => tokenKind),
          actor.id,
          this.clock.now(),
        ],
      );
      await this.rematch(tx, mappings);
      await tx.actOn(VENDOR_TENANT_ID);
      for (const { usageType, productCode, model, tokenKind } of mappings)
        await this.audit.append(tx, {
          action: 'usage-type.mapped',
          actor,
          subject: { type: 'usage_type', id: usageType },
          details: { productCode, model, tokenKind },
        });
    });
  }

  private async rematch(tx: CrossTenantTransaction, mappings: readonly UsageTypeModel[]): Promise<void> {
    const months = await tx.query<{ month: string }>(
      `SELECT DISTINCT to_char(r.month, 'YYYY-MM') AS month FROM cost_reports r JOIN cost_report_lines l ON l.report_id = r.id
       WHERE r.replaced_at IS NULL AND l.usage_type = ANY ($1) ORDER BY 1`,
      [mappings.map(({ usageType }) => usageType)],
    );
    for (const { month } of months) {
      await this.comparison.lock(tx, month);
      await this.comparison.rematch(tx, month);
    }
  }
}
