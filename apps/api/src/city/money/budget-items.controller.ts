import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { BudgetItems } from '#libs/billing';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { idParams, nameSchema } from '../../http/wire.ts';

const setBudgetItem = z
  .strictObject({ code: z.string().trim().min(1).max(32), name: nameSchema })
  .meta({ id: 'SetBudgetItem' });

const budgetItem = z.object({ departmentId: z.uuid(), code: z.string(), name: z.string() }).meta({ id: 'BudgetItem' });

const budgetItemList = z.object({ items: z.array(budgetItem) }).meta({ id: 'BudgetItemList' });

/** 予算科目, one a department, by its id: what its part of an invoice is paid from. */
@ApiTags('budget-items')
@Controller('api/v1/budget-items')
export class BudgetItemsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly items: BudgetItems,
  ) {}

  @Get()
  @RequirePermission('department:read')
  @ApiOkResponse({ standardSchema: budgetItemList })
  list(@CurrentActor() actor: MemberActor): Promise<z.infer<typeof budgetItemList>> {
    return this.database.run(actor.scope, async (tx) => ({ items: await this.items.list(tx) }));
  }

  @Put(':id')
  @RequirePermission('budget-item:write')
  @ApiOkResponse({ standardSchema: budgetItem })
  set(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: setBudgetItem }) body: z.infer<typeof setBudgetItem>,
  ): Promise<z.infer<typeof budgetItem>> {
    return this.database.run(actor.scope, (tx) => this.items.set(tx, actor, { departmentId: id, ...body }));
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('budget-item:write')
  @ApiNoContentResponse()
  clear(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    return this.database.run(actor.scope, (tx) => this.items.clear(tx, actor, id));
  }
}
