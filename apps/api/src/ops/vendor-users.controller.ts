import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { FactorHolders, OpenSessions, VENDOR_ROLES, type VendorActor, VendorDirectory } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { openSessions, presentSessions } from '../access/factor-schemas.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import { idParams, instantOrNull, instantSchema } from '../http/wire.ts';

const vendorUsers = z
  .object({
    items: z.array(
      z.object({
        id: z.uuid(),
        loginId: z.string(),
        displayName: z.string(),
        role: z.enum(VENDOR_ROLES),
        hasFactor: z.boolean(),
        lastSignInAt: instantSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'VendorUsers' });

/** The vendor's own people, for whoever helps a colleague. They are made on the command line alone. */
@ApiTags('vendor-users')
@Controller('api/ops/v1/vendor-users')
export class VendorUsersController {
  constructor(
    private readonly users: VendorDirectory,
    private readonly holders: FactorHolders,
    private readonly open: OpenSessions,
  ) {}

  @Get()
  @RequirePermission('vendor-user:read')
  @ApiOkResponse({ standardSchema: vendorUsers })
  async list(): Promise<z.infer<typeof vendorUsers>> {
    const items = await this.users.list();
    return { items: items.map((user) => ({ ...user, lastSignInAt: instantOrNull(user.lastSignInAt) })) };
  }

  /** For a colleague who lost the authenticator: takes the second factors away and ends the sessions. */
  @Delete(':id/second-factors')
  @HttpCode(204)
  @RequirePermission('vendor-user:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  async resetFactors(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.users.resetFactors(actor, id);
  }

  /** Where a colleague is signed in, newest first. */
  @Get(':id/sessions')
  @RequirePermission('vendor-user:read')
  @ApiOkResponse({ standardSchema: openSessions })
  async sessions(
    @CurrentActor() { sessionId }: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof openSessions>> {
    const user = await this.users.get(id);
    return presentSessions(await this.open.list(this.holders.vendor(user.id), sessionId));
  }

  /** Signs a colleague out everywhere: for a lost device, or an account that somebody else uses. */
  @Delete(':id/sessions')
  @HttpCode(204)
  @RequirePermission('vendor-user:write')
  @ApiNoContentResponse()
  async endSessions(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.users.endSessions(actor, id);
  }
}
