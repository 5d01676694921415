import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { ALLOTMENT_LEVELS, Allotments } from '#libs/metering';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { limitTokens } from '../../http/budget-schemas.ts';
import { monthSchema } from '../../http/wire.ts';
import { ManagedDepartments } from '../people/managed-departments.ts';

const tokens = z.int().min(0);
const level = z.enum(ALLOTMENT_LEVELS);

const allotmentList = z
  .object({
    items: z.array(
      z
        .object({
          level,
          holderId: z.uuid(),
          name: z.string(),
          limitTokens: tokens.nullable(),
          usedTokens: tokens,
          reservedTokens: tokens,
        })
        .meta({ id: 'Allotment' }),
    ),
  })
  .meta({ id: 'AllotmentList' });

const monthParams = z.strictObject({ month: monthSchema });
const holderParams = z.strictObject({ month: monthSchema, level, id: z.uuid() });
const setAllotment = z.strictObject({ limitTokens: limitTokens.nullable() }).meta({ id: 'SetAllotment' });

/** Limits of departments and members within the city's, in tokens a month. Null: none of its own. */
@ApiTags('budgets')
@Controller('api/v1/budgets/:month/allotments')
export class AllotmentsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly allotments: Allotments,
    private readonly managed: ManagedDepartments,
    private readonly audit: AuditTrail,
  ) {}

  /** Every department, and the members with a limit. A manager sees the managed departments and their members. */
  @Get()
  @RequirePermission('budget:read')
  @ApiOkResponse({ standardSchema: allotmentList })
  list(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: monthParams }) { month }: z.infer<typeof monthParams>,
  ): Promise<z.infer<typeof allotmentList>> {
    return this.database.run(actor.scope, async (tx) => ({
      items: await this.allotments.list(tx, month, await this.managed.visibleTo(tx, actor)),
    }));
  }

  /** From this month on. */
  @Put(':level/:id')
  @RequirePermission('budget:write')
  @ApiOkResponse({ standardSchema: setAllotment })
  set(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: holderParams }) { month, level: at, id }: z.infer<typeof holderParams>,
    @Body({ schema: setAllotment }) body: z.infer<typeof setAllotment>,
  ): Promise<z.infer<typeof setAllotment>> {
    return this.database.run(actor.scope, async (tx) => {
      const moved = await this.allotments.setLimit(tx, { level: at, id }, month, body.limitTokens);
      await this.audit.append(tx, {
        action: 'budget.allotment-set',
        actor,
        segment: actor.scope.segment,
        subject: { type: at, id },
        details: { month, limitTokens: moved.after, limitBefore: moved.before },
      });
      return { limitTokens: moved.after };
    });
  }
}
