import type { INestApplicationContext } from '@nestjs/common';
import { Temporal } from 'temporal-polyfill';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { MemberDirectory } from '#libs/identity';
import { Clock, Dice, fiscalYearOf, jstDayOf, jstDayRange, jstMonthOf, newId } from '#libs/kernel';
import { Allotments, BudgetBook, TopUpDesk, UsageRecorder } from '#libs/metering';
import { ModelPool } from '#libs/model-pool';
import { PurposeDirectory } from '#libs/tenancy';

/** This month and the three before it: enough for a forecast that trusts its band, and the trial that an estimate begins with. */
const DAYS = 125;
const WEEKEND = 6;
const HOUR_MS = 3_600_000;

/** What departments use on an ordinary day, in tokens, and how much of it belongs to a 事務. */
const HABITS = [
  { department: '総務課', tokens: 840_000, withPurpose: false },
  { department: '市民課', tokens: 1_220_000, withPurpose: true },
  { department: '税務課', tokens: 700_000, withPurpose: true },
  { department: '情報政策課', tokens: 180_000, withPurpose: false },
] as const;
const OUTPUT_SHARE = 0.28;
const CHARACTERS_PER_TOKEN = 1.3;

interface DemoPlace {
  readonly scope: TenantScope;
  /** Ids by name. */
  readonly departments: ReadonlyMap<string, string>;
  /** How large the city is beside the others, and the seed of its chance. */
  readonly size: number;
}

/**
 * A past for a demo city: use on every day of the last months, recorded as a worker would, limits of departments and
 * a request that waits for somebody to decide. Does nothing where there has been use.
 */
export async function seedUsage(app: INestApplicationContext, place: DemoPlace): Promise<void> {
  const { scope, departments, size } = place;
  const [recorder, budgets, purposes] = [app.get(UsageRecorder), app.get(BudgetBook), app.get(PurposeDirectory)];
  const now = app.get(Clock).now();
  const today = Temporal.PlainDate.from(jstDayOf(now));
  const april = Temporal.PlainDate.from({ year: fiscalYearOf(now), month: 4, day: 1 });
  const { model, deployments } = app.get(ModelPool).route(undefined, scope.segment);
  const deploymentId = deployments[0]!.id;
  const dice = new Dice(Math.round(size * 1_000));

  await app.get(TenantDatabase).run(scope, async (tx) => {
    if (await hasUse(tx)) return;
    const [purpose] = await purposes.list(tx);
    const member = await app.get(MemberDirectory).findByLoginId(tx, 'staff');
    const first = [today.subtract({ days: DAYS }), april].sort(Temporal.PlainDate.compare)[1]!;
    await openMonths(tx, budgets, first, today);
    for (let day = first; Temporal.PlainDate.compare(day, today) < 0; day = day.add({ days: 1 })) {
      const isQuiet = day.dayOfWeek >= WEEKEND;
      const { start } = jstDayRange(day.toString(), day.toString());
      const written = HABITS.map(({ department, tokens, withPurpose }) => {
        const level = tokens * size * (isQuiet ? 0.04 : 0.7 + 0.6 * dice.roll());
        const at = new Date(start.getTime() + (9 + dice.roll() * 8) * HOUR_MS);
        const [output, input] = [Math.round(level * OUTPUT_SHARE), Math.round(level * (1 - OUTPUT_SHARE))];
        return recorder.settle(tx, {
          subject: { type: 'demo', id: newId() },
          call: '1',
          usage: {
            inputTokens: input,
            outputTokens: output,
            cacheReadTokens: 0,
            cacheWriteTokens: 0,
            inputCharacters: Math.round(input * CHARACTERS_PER_TOKEN),
            outputCharacters: Math.round(output * CHARACTERS_PER_TOKEN),
          },
          source: 'provider',
          model,
          deploymentId,
          memberId: department === '総務課' ? (member?.id ?? null) : null,
          apiKeyId: null,
          departmentId: departments.get(department) ?? null,
          purposeId: withPurpose ? (purpose?.id ?? null) : null,
          acceptedAt: at,
          recordedAt: at,
        });
      });
      await Promise.all(written);
    }
    await allot(app, tx, place);
  });
}

async function hasUse(tx: TenantTransaction): Promise<boolean> {
  return (await tx.query('SELECT FROM usage_records LIMIT 1')).length > 0;
}

/** Months that are over count against a budget too, the one the city began with. */
async function openMonths(
  tx: TenantTransaction,
  budgets: BudgetBook,
  first: Temporal.PlainDate,
  today: Temporal.PlainDate,
): Promise<void> {
  const [thisMonth, begins] = [today.toPlainYearMonth(), first.toPlainYearMonth()];
  const limit = (await budgets.list(tx, thisMonth.toString(), thisMonth.toString()))[0]?.limitTokens ?? 0;
  for (let month = begins; Temporal.PlainYearMonth.compare(month, thisMonth) < 0; month = month.add({ months: 1 }))
    await budgets.setLimit(tx, month.toString(), limit);
}

/** Limits wide enough to try the demo within, and a request to decide on. */
async function allot(app: INestApplicationContext, tx: TenantTransaction, { departments }: DemoPlace): Promise<void> {
  const month = jstMonthOf(app.get(Clock).now());
  const manager = await app.get(MemberDirectory).findByLoginId(tx, 'manager');
  const departmentId = departments.get('総務課');
  if (!manager || !departmentId) return;
  const limits = [
    { name: '総務課', limit: 5_000_000_000 },
    { name: '市民課', limit: 60_000_000 },
  ];
  for (const { name, limit } of limits)
    await app.get(Allotments).setLimit(tx, { level: 'department', id: departments.get(name)! }, month, limit);
  await app.get(TopUpDesk).request(tx, {
    departmentId,
    month,
    tokens: 2_000_000,
    reason: '議会答弁の準備で、要約の利用が増えるため',
    requestedBy: manager.id,
  });
}
