import { Injectable } from '@nestjs/common';
import { AdmissionDatabase, TenantDatabase, type TenantTransaction } from '#libs/database';
import { Clock, type JstMonth, type TenantId, jstMonthOf } from '#libs/kernel';
import { type CityMail, Mailer, mailMonth, mailNumber, optionalMailBody } from '#libs/notices';
import { Log } from '#libs/observability';
import { DepartmentTree } from '#libs/tenancy';

interface Told {
  readonly level: 'city' | 'department' | 'member';
  readonly holderId: string;
  /** Of the department; null for the city. */
  readonly name: string | null;
  readonly month: JstMonth;
  readonly percent: number;
  readonly limitTokens: number;
  readonly usedTokens: number;
  readonly noticedAt: Date;
}

/** Told of later than this, as mail was off or no worker ran, it is no news. */
const NEWS_MS = 86_400_000;

const TAKE = `
  WITH taken AS (UPDATE budget_notices SET mailed = true WHERE NOT mailed RETURNING *)
  SELECT n.level, n.holder_id AS "holderId", d.name, to_char(n.month, 'YYYY-MM') AS month, n.percent,
    n.limit_tokens::float8 AS "limitTokens", n.used_tokens::float8 AS "usedTokens", n.noticed_at AS "noticedAt"
  FROM taken n LEFT JOIN departments d ON n.level = 'department' AND d.tenant_id = n.tenant_id AND d.id = n.holder_id
  ORDER BY n.percent`;

/**
 * Mails that a limit is about to be reached. The notice is the outbox: whatever moved tokens wrote it in its own
 * transaction (budget_notice()), and here it turns into mails once, away from the row for which the whole city waits.
 */
@Injectable()
export class BudgetMails {
  constructor(
    private readonly mailer: Mailer,
    private readonly departments: DepartmentTree,
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** For every city that has notices nobody was mailed of; one that fails holds up no other. Two at once mail none twice. */
  async write(): Promise<void> {
    if (!this.mailer.isOn) return;
    const cities = await this.admission.query<{ tenantId: TenantId }>(
      'SELECT DISTINCT tenant_id AS "tenantId" FROM budget_notices WHERE NOT mailed',
    );
    for (const { tenantId } of cities)
      await this.database
        .run({ tenantId, segment: 'lgwan' }, (tx) => this.writeOf(tx))
        .catch((error: unknown) => this.log.warn('budgets.not-mailed', { tenantId, error }));
  }

  private async writeOf(tx: TenantTransaction): Promise<void> {
    const now = this.clock.now();
    const news = (await tx.query<Told>(TAKE)).filter(
      ({ level, month, noticedAt }) =>
        level !== 'member' && month === jstMonthOf(now) && now.getTime() - noticedAt.getTime() < NEWS_MS,
    );
    // Of several thresholds passed at once the highest, which comes last
    for (const told of new Map(news.map((one) => [one.holderId, one])).values()) {
      const managersOf = told.level === 'department' ? await this.departments.above(tx, told.holderId) : [];
      await this.mailer.enqueueWithin(tx, { ...budgetMail(told), to: { admins: true, managersOf } });
    }
  }
}

/** Once for each threshold of a month: a limit that was raised and is nearly used up again is told on the screen. */
function budgetMail({ level, holderId, name, month, percent, limitTokens, usedTokens }: Told): Omit<CityMail, 'to'> {
  const whose = level === 'city' ? '団体全体' : `所属「${name ?? ''}」`;
  const isOver = percent >= 100;
  return {
    kind: level === 'city' ? 'budget.city' : 'budget.department',
    about: `${month} ${percent} ${holderId}`,
    subject: isOver
      ? `【Moyai】${mailMonth(month)}の利用上限に達しました（${level === 'city' ? '団体全体' : '所属'}）`
      : `【Moyai】${mailMonth(month)}の利用が上限の${percent}％を超えました（${level === 'city' ? '団体全体' : '所属'}）`,
    body: optionalMailBody(
      [
        isOver
          ? `${whose}の${mailMonth(month)}の利用が、上限に達しました。`
          : `${whose}の${mailMonth(month)}の利用が、上限の${percent}％を超えました。`,
      ],
      [`上限：${mailNumber(limitTokens)} トークン`, `利用済み：${mailNumber(usedTokens)} トークン（通知した時点）`],
      [
        isOver
          ? '新しい質問は受け付けられません。自動で追加の費用がかかることはありません。'
          : '上限に達すると、新しい質問は受け付けられなくなります。自動で追加の費用がかかることはありません。',
        level === 'city'
          ? '上限の見直しは「予算」の画面から行えます。'
          : '所属の管理者は「予算」の画面から増額を申請できます。',
      ],
    ),
  };
}
