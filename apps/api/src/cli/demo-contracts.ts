import type { INestApplicationContext } from '@nestjs/common';
import {
  type AgreedTerms,
  BudgetItems,
  ContractMaker,
  ContractRegister,
  CouncilRegister,
  PlanCatalogue,
  TermsBook,
} from '#libs/billing';
import { FinanceDatabase, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock, fiscalYearOf, jstDayOf, jstMonthOf, jstMonthRange } from '#libs/kernel';
import { ExactDecimal, type Vendor } from '#libs/pricing';
import { DepartmentTree } from '#libs/tenancy';

const SYSTEM = { type: 'system', id: null } as const;
const TITLE = '生成AIサービス利用契約';
const COUNCIL = { name: 'みなと野広域AI利用協議会', monthlyBaseFeeJpy: 240_000, split: 'weights' } as const;

const tokens = (change: Partial<AgreedTerms>): AgreedTerms => ({
  baseFeeJpy: 0,
  unit: 'tokens',
  countsInput: true,
  countsOutput: true,
  countsCache: false,
  includedUnits: 0,
  beyond: { pricing: 'unit_price', unitPriceJpy: new ExactDecimal(0) },
  ...change,
});

/** Fictional plans; the names are what city halls would find in a price list. */
const PLANS = {
  standard: {
    name: '標準プラン（トークン）',
    terms: tokens({
      baseFeeJpy: 300_000,
      includedUnits: 100_000_000,
      beyond: { pricing: 'unit_price', unitPriceJpy: new ExactDecimal(1_200) },
    }),
  },
  large: {
    name: '大規模プラン（トークン）',
    terms: tokens({
      baseFeeJpy: 480_000,
      includedUnits: 200_000_000,
      beyond: { pricing: 'unit_price', unitPriceJpy: new ExactDecimal(1_000) },
    }),
  },
  characters: {
    name: '小規模プラン（文字数）',
    terms: tokens({
      unit: 'characters',
      baseFeeJpy: 30_000,
      includedUnits: 3_000_000,
      beyond: { pricing: 'unit_price', unitPriceJpy: new ExactDecimal(4_500) },
    }),
  },
  cost: {
    name: '協議会プラン（実費に加算）',
    terms: tokens({
      beyond: { pricing: 'cost_plus', markup: new ExactDecimal('0.15'), fixedJpyPerUsd: null },
    }),
  },
  trial: { name: '試行プラン（無償）', terms: tokens({}) },
} as const;

interface Agreement {
  readonly code: string;
  readonly plan: keyof typeof PLANS;
  readonly billingName: string;
  /** Its weight in the council, where it belongs to it. */
  readonly weight?: string;
}

const AGREEMENTS: readonly Agreement[] = [
  { code: '990019', plan: 'standard', billingName: 'みなと野市長' },
  { code: '990027', plan: 'cost', billingName: '若葉が丘市長', weight: '3' },
  { code: '990035', plan: 'characters', billingName: '白波町長', weight: '1' },
];

/** What departments pay from, by their codes. */
const BUDGET_ITEMS: Readonly<Record<string, readonly [code: string, name: string]>> = {
  '0101': ['02-01-05-13', '情報管理費 使用料及び賃借料'],
  '0102': ['02-01-01-13', '一般管理費 使用料及び賃借料'],
  '0201': ['02-03-01-13', '戸籍住民基本台帳費 使用料及び賃借料'],
  '0202': ['02-02-02-13', '賦課徴収費 使用料及び賃借料'],
};

interface People {
  readonly proposer: Vendor;
  readonly approver: Vendor;
}

/**
 * Contracts of this fiscal year for the demo cities, two of them in a council, and one change of terms that waits for a
 * second person. Does nothing where there is a plan already.
 */
export async function seedContracts(
  app: INestApplicationContext,
  { proposer, approver }: People,
  cities: ReadonlyMap<string, TenantScope>,
): Promise<void> {
  const [plans, maker, terms] = [app.get(PlanCatalogue), app.get(ContractMaker), app.get(TermsBook)];
  const now = app.get(Clock).now();
  const fiscalYear = fiscalYearOf(now);
  const [startsOn, endsOn] = [`${fiscalYear}-04-01`, `${fiscalYear + 1}-03-31`];
  const idOf = (code: string) => cities.get(code)!.tenantId;
  await app.get(FinanceDatabase).run(async (tx) => {
    if ((await plans.list(tx)).length > 0) return;
    const ids = new Map<string, string>();
    for (const [code, plan] of Object.entries(PLANS))
      ids.set(code, (await plans.offer(tx, proposer, { code, ...plan, succeeds: false })).id);
    const council = await app.get(CouncilRegister).propose(tx, proposer, {
      ...COUNCIL,
      fiscalYear,
      members: AGREEMENTS.flatMap(({ code, weight }) => (weight ? [{ cityId: idOf(code), weight }] : [])),
    });
    await app.get(CouncilRegister).approve(tx, approver, council.id);
    for (const { code, plan, billingName, weight } of AGREEMENTS) {
      const { id } = await maker.create(tx, proposer, {
        cityId: idOf(code),
        fiscalYear,
        title: TITLE,
        startsOn,
        endsOn,
        billingName,
        billingPostalCode: null,
        billingAddress: null,
        councilId: weight ? council.id : null,
        deletionDays: 90,
        terms: { planId: ids.get(plan)!, agreed: PLANS[plan].terms },
      });
      await terms.approve(tx, approver, id, startsOn);
    }
    const nextMonth = jstDayOf(jstMonthRange(jstMonthOf(now)).end);
    const [first] = await app.get(ContractRegister).list(tx, { fiscalYear, city: '990019', after: '', limit: 1 });
    if (nextMonth <= endsOn)
      await terms.propose(tx, proposer, first!.id, nextMonth, {
        planId: ids.get('large')!,
        agreed: PLANS.large.terms,
      });
  });
}

/** 予算科目 of those departments of a city that have none yet. */
export function seedBudgetItems(app: INestApplicationContext, scope: TenantScope): Promise<void> {
  return app.get(TenantDatabase).run(scope, async (tx) => {
    const items = app.get(BudgetItems);
    const set = new Set((await items.list(tx)).map(({ departmentId }) => departmentId));
    for (const { id: departmentId, code: department } of await app.get(DepartmentTree).list(tx)) {
      const [code, name] = BUDGET_ITEMS[department] ?? [];
      if (code && name && !set.has(departmentId)) await items.set(tx, SYSTEM, { departmentId, code, name });
    }
  });
}
