import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { BudgetBook } from '#libs/metering';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { limitTokens, noticePercents } from '../../http/budget-schemas.ts';
import { monthSchema } from '../../http/wire.ts';

const tokens = z.int().min(0);

const budget = z
  .object({
    month: monthSchema,
    limitTokens: tokens,
    usedTokens: tokens,
    reservedTokens: tokens,
    noticePercents: z.array(z.int()),
  })
  .meta({ id: 'Budget' });

const budgetList = z.object({ items: z.array(budget) }).meta({ id: 'BudgetList' });
const budgetQuery = z.strictObject({ from: monthSchema, to: monthSchema });
const monthParams = z.strictObject({ month: monthSchema });
const setBudget = z.strictObject({ limitTokens }).meta({ id: 'SetBudget' });
const setNoticePercents = z.strictObject({ noticePercents }).meta({ id: 'SetNoticePercents' });

/** What a city may use per JST month, in tokens. */
@ApiTags('budgets')
@Controller('api/v1/budgets')
export class BudgetsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly budgets: BudgetBook,
    private readonly audit: AuditTrail,
  ) {}

  @Get()
  @RequirePermission('city-budget:read')
  @ApiOkResponse({ standardSchema: budgetList })
  list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: budgetQuery }) { from, to }: z.infer<typeof budgetQuery>,
  ): Promise<z.infer<typeof budgetList>> {
    return this.database.run(actor.scope, async (tx) => ({
      items: (await this.budgets.list(tx, from, to)).map(present),
    }));
  }

  @Put(':month')
  @RequirePermission('budget:write')
  @ApiOkResponse({ standardSchema: budget })
  set(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: monthParams }) { month }: z.infer<typeof monthParams>,
    @Body({ schema: setBudget }) body: z.infer<typeof setBudget>,
  ): Promise<z.infer<typeof budget>> {
    return this.database.run(actor.scope, async (tx) => {
      const changed = await this.budgets.setLimit(tx, month, body.limitTokens);
      await this.audit.append(tx, {
        action: 'budget.limit-set',
        actor,
        segment: actor.scope.segment,
        subject: { type: 'budget', id: month },
        details: { limitTokens: changed.after, limitBefore: changed.before },
      });
      return present(changed.budget);
    });
  }

  /** At which shares of a limit those concerned are told, from this month on. */
  @Put(':month/notice-percents')
  @RequirePermission('budget:write')
  @ApiOkResponse({ standardSchema: setNoticePercents })
  setNoticePercents(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: monthParams }) { month }: z.infer<typeof monthParams>,
    @Body({ schema: setNoticePercents }) body: z.infer<typeof setNoticePercents>,
  ): Promise<z.infer<typeof setNoticePercents>> {
    return this.database.run(actor.scope, async (tx) => {
      await this.budgets.setNoticePercents(tx, month, body.noticePercents);
      await this.audit.append(tx, {
        action: 'budget.thresholds-set',
        actor,
        segment: actor.scope.segment,
        subject: { type: 'budget', id: month },
        details: { percents: body.noticePercents.join(',') },
      });
      return body;
    });
  }
}

type StoredBudget = Awaited<ReturnType<BudgetBook['list']>>[number];

const present = (stored: StoredBudget): z.infer<typeof budget> => ({
  ...stored,
  noticePercents: [...stored.noticePercents],
});
