import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { MEMBER_ROLES, type MemberActor, ProvisionedMembers, ProvisionedRoles } from '#libs/identity';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import { instantOrNull, instantSchema } from '../../http/wire.ts';
import { SCIM_BASE } from '../../scim/scim-resources.ts';

const roleList = z
  .array(
    z
      .strictObject({ value: z.string().trim().min(1).max(100), role: z.enum(MEMBER_ROLES) })
      .meta({ id: 'ProvisionedRole' }),
  )
  .max(20)
  .refine((mapped) => new Set(mapped.map(({ value }) => value)).size === mapped.length, '同じ値が2つあります。');

const setRoles = z.strictObject({ roles: roleList }).meta({ id: 'SetProvisionedRoles' });
const provisioning = z
  .object({
    /** Where the provider is pointed to, below the origin of this network. */
    basePath: z.string(),
    /** Members of this network whom the provider keeps. */
    members: z.int(),
    lastChangedAt: instantSchema.nullable(),
    roles: roleList,
  })
  .meta({ id: 'Provisioning' });

/** How the city's identity provider keeps its members (SCIM); its keys are API keys of the scope `scim`. */
@ApiTags('provisioning')
@Controller('api/v1/provisioning')
export class ProvisioningController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: ProvisionedMembers,
    private readonly roles: ProvisionedRoles,
  ) {}

  @Get()
  @RequirePermission('provisioning:read')
  @ApiOkResponse({ standardSchema: provisioning })
  read(@CurrentActor() { scope }: MemberActor): Promise<z.infer<typeof provisioning>> {
    return this.database.run(scope, (tx) => this.view(tx));
  }

  /** Which of the provider's words give which role. Without any, everybody it adds is 職員 until an administrator decides. */
  @Put('roles')
  @RequirePermission('provisioning:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: provisioning })
  setRoles(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: setRoles }) body: z.infer<typeof setRoles>,
  ): Promise<z.infer<typeof provisioning>> {
    return this.database.run(actor.scope, async (tx) => {
      await this.roles.replace(tx, actor, body.roles);
      return this.view(tx);
    });
  }

  private async view(tx: TenantTransaction): Promise<z.infer<typeof provisioning>> {
    const [{ kept, lastChangedAt }, mapped] = [await this.members.summary(tx), await this.roles.list(tx)];
    return {
      basePath: SCIM_BASE,
      members: kept,
      lastChangedAt: instantOrNull(lastChangedAt),
      roles: mapped.map(({ value, role }) => ({ value, role })),
    };
  }
}
