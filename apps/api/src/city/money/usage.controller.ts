import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { USAGE_GROUPS, UsageReport } from '#libs/metering';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { usageCounts, usageTotals } from '../../http/usage-schemas.ts';
import { daySchema } from '../../http/wire.ts';
import { ManagedDepartments } from '../people/managed-departments.ts';

const groupBy = z.enum(USAGE_GROUPS);

const usageQuery = z
  .strictObject({ from: daySchema, to: daySchema, groupBy })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: '開始日より前の日は指定できません。' });

const usageReport = z
  .object({
    from: daySchema,
    to: daySchema,
    groupBy,
    items: z.array(z.object({ key: z.string(), label: z.string(), ...usageCounts }).meta({ id: 'UsageLine' })),
    total: usageTotals,
  })
  .meta({ id: 'UsageReport' });

/** Work that belongs to no department, purpose or member still counts. */
const NONE = { key: 'none', label: '（なし）' };

/** What the city used, as a table and as a file. */
@ApiTags('usage')
@Controller('api/v1/usage')
export class UsageController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly report: UsageReport,
    private readonly managed: ManagedDepartments,
  ) {}

  /** Use by JST day, department, member, model or purpose. A manager sees the managed departments. */
  @Get()
  @RequirePermission('usage:read')
  @ApiOkResponse({ standardSchema: usageReport })
  async read(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: usageQuery }) query: z.infer<typeof usageQuery>,
  ): Promise<z.infer<typeof usageReport>> {
    const { items, total } = await this.database.run(actor.scope, async (tx) =>
      this.report.forCity(tx, { ...query, departmentIds: await this.managed.visibleTo(tx, actor) }),
    );
    return {
      ...query,
      items: items.map((line) => ({ ...line, key: line.key ?? NONE.key, label: line.label ?? NONE.label })),
      total,
    };
  }
}
