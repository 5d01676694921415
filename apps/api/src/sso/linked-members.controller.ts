import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { type MemberActor, loginIdKey } from '#libs/identity';
import { ProviderAdministration } from '#libs/sso';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../access/permission.ts';
import { idParams, pageFrom, pageQuery, readCursor } from '../http/wire.ts';
import { linkMember, linkParams, linkedMembers, presentLinked } from './provider-schemas.ts';

/** Which member a subject of an identity provider is. */
@ApiTags('identity-providers')
@Controller('api/v1/identity-providers')
export class LinkedMembersController {
  constructor(private readonly administration: ProviderAdministration) {}

  @Get(':id/members')
  @RequirePermission('identity-provider:read')
  @ApiOkResponse({ standardSchema: linkedMembers })
  async list(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: pageQuery }) { cursor, limit }: z.infer<typeof pageQuery>,
  ): Promise<z.infer<typeof linkedMembers>> {
    const rows = await this.administration.linked(actor, id, { after: readCursor(cursor), limit: limit + 1 });
    return pageFrom(rows, limit, { after: ({ loginId }) => loginIdKey(loginId), present: presentLinked });
  }

  /** Ties a member of this network to a subject of the provider. */
  @Put(':id/members/:memberId')
  @HttpCode(204)
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  link(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: linkParams }) { id, memberId }: z.infer<typeof linkParams>,
    @Body({ schema: linkMember }) { subject }: z.infer<typeof linkMember>,
  ): Promise<void> {
    return this.administration.link(actor, id, { memberId, subject });
  }

  /** Signs the member out: a session may have been opened by the tie. */
  @Delete(':id/members/:memberId')
  @HttpCode(204)
  @RequirePermission('identity-provider:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  unlink(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: linkParams }) { id, memberId }: z.infer<typeof linkParams>,
  ): Promise<void> {
    return this.administration.unlink(actor, id, memberId);
  }
}
