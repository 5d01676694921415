import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import type { MemberActor } from '#libs/identity';
import { DepartmentTree } from '#libs/tenancy';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { changeOf, daySchema, idParams, nameSchema } from '../../http/wire.ts';

const department = z
  .object({
    id: z.uuid(),
    parentId: z.uuid().nullable(),
    code: z.string(),
    name: z.string(),
    /** The JST day from which on nobody belongs to it. */
    closedOn: daySchema.nullable(),
  })
  .meta({ id: 'Department' });

const departmentList = z.object({ items: z.array(department) }).meta({ id: 'DepartmentList' });

const departmentQuery = z.strictObject({ on: daySchema.optional() });

const createDepartment = z
  .strictObject({ code: z.string().trim().min(1).max(32), name: nameSchema, parentId: z.uuid().nullish() })
  .meta({ id: 'CreateDepartment' });

const changeDepartment = changeOf('ChangeDepartment', { name: nameSchema, parentId: z.uuid().nullable() });

/** 所属, as a tree. */
@ApiTags('departments')
@Controller('api/v1/departments')
export class DepartmentsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly departments: DepartmentTree,
  ) {}

  /** As they are now, closed ones included; with `on` as they were at the end of that JST day. */
  @Get()
  @RequirePermission('department:read')
  @ApiOkResponse({ standardSchema: departmentList })
  list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: departmentQuery }) { on }: z.infer<typeof departmentQuery>,
  ): Promise<z.infer<typeof departmentList>> {
    return this.database.run(actor.scope, async (tx) => ({ items: await this.departments.list(tx, on) }));
  }

  @Post()
  @RequirePermission('department:write')
  @ApiCreatedResponse({ standardSchema: department })
  create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: createDepartment }) { code, name, parentId }: z.infer<typeof createDepartment>,
  ): Promise<z.infer<typeof department>> {
    return this.database.run(actor.scope, (tx) =>
      this.departments.create(tx, actor, { code, name, parentId: parentId ?? null }),
    );
  }

  /** Renames or moves; `parentId: null` makes it a root. */
  @Patch(':id')
  @RequirePermission('department:write')
  @ApiOkResponse({ standardSchema: department })
  change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeDepartment }) change: z.infer<typeof changeDepartment>,
  ): Promise<z.infer<typeof department>> {
    return this.database.run(actor.scope, (tx) => this.departments.change(tx, actor, id, change));
  }
}
