import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { Clock, DomainError, jstMonthOf } from '#libs/kernel';
import { ALLOTMENT_LEVELS, BudgetNotices } from '#libs/metering';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { idParams, monthSchema } from '../../http/wire.ts';
import { ManagedDepartments } from '../people/managed-departments.ts';

const noticeList = z
  .object({
    items: z.array(
      z
        .object({
          id: z.uuid(),
          level: z.enum(['city', ...ALLOTMENT_LEVELS]),
          name: z.string().nullable(),
          month: monthSchema,
          percent: z.int(),
          limitTokens: z.int(),
          usedTokens: z.int(),
        })
        .meta({ id: 'BudgetNotice' }),
    ),
  })
  .meta({ id: 'BudgetNoticeList' });

/** That a limit of this month is about to be reached, to those who answer for it. */
@ApiTags('budgets')
@Controller('api/v1/budget-notices')
export class BudgetNoticesController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly notices: BudgetNotices,
    private readonly managed: ManagedDepartments,
    private readonly clock: Clock,
  ) {}

  /** The city's and its departments' for administrators, the managed departments' for a manager, everybody's own. */
  @Get()
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: noticeList })
  list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof noticeList>> {
    return this.database.run(actor.scope, async (tx) => {
      const departmentIds = await this.managed.of(tx, actor);
      const reader = { memberId: actor.id, ofCity: actor.role === 'admin', departmentIds };
      return { items: await this.notices.unread(tx, reader, jstMonthOf(this.clock.now())) };
    });
  }

  /** For this reader alone. */
  @Post(':id/dismiss')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async dismiss(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    const found = await this.database.run(actor.scope, (tx) =>
      this.notices.dismiss(tx, actor.id, id, this.clock.now()),
    );
    if (!found) throw new DomainError('REQUEST.NOT_FOUND');
  }
}
