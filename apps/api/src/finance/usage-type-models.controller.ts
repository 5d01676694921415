import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { UsageTypeModels } from '#libs/billing';
import { FinanceDatabase } from '#libs/database';
import type { VendorActor } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { usageTypeModel } from './reconciliation-schemas.ts';

const usageTypeModels = z.object({ items: z.array(usageTypeModel) }).meta({ id: 'UsageTypeModels' });

const setUsageTypeModels = z
  .strictObject({
    items: z
      .array(usageTypeModel)
      .min(1)
      .max(500)
      .refine(
        (items) =>
          new Set(items.map(({ usageType, productCode }) => `${usageType}\n${productCode}`)).size === items.length,
        '同じ使用タイプが重複しています。',
      ),
  })
  .meta({ id: 'SetUsageTypeModels' });

/** Which model and kind of token the provider means by a usage type. */
@ApiTags('reconciliation')
@Controller('api/finance/v1/usage-type-models')
export class UsageTypeModelsController {
  constructor(
    private readonly database: FinanceDatabase,
    private readonly models: UsageTypeModels,
  ) {}

  @Get()
  @RequirePermission('reconciliation:read')
  @ApiOkResponse({ standardSchema: usageTypeModels })
  async list(): Promise<z.infer<typeof usageTypeModels>> {
    return { items: await this.database.run((tx) => this.models.list(tx)) };
  }

  /** Adds those named or changes them, leaves all others, and compares the months that they concern again. */
  @Put()
  @RequirePermission('reconciliation:write')
  @ApiOkResponse({ standardSchema: usageTypeModels })
  async set(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: setUsageTypeModels }) { items }: z.infer<typeof setUsageTypeModels>,
  ): Promise<z.infer<typeof usageTypeModels>> {
    await this.models.set(actor, items);
    return this.list();
  }
}
