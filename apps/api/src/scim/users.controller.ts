import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { type ApiKeyActor, MemberProvisioning, ProvisionedMembers } from '#libs/identity';
import { CurrentActor } from '../access/current-actor.ts';
import { RequirePermission } from '../access/permission.ts';
import { readInput } from '../http/request-input.ts';
import { idParams } from '../http/wire.ts';
import { readFilter } from './scim-filter.ts';
import { patched } from './scim-patch.ts';
import { assertVersion, factsOf, presentList, presentUser } from './scim-resources.ts';
import { ScimRoute, tagged } from './scim-route.ts';
import {
  type ListQuery,
  type ScimUser,
  type UserBody,
  listQuery,
  patchBody,
  scimUser,
  scimUserList,
  userBody,
} from './scim-schemas.ts';

type Id = z.infer<typeof idParams>;
const ATTRIBUTES = { userName: 'loginId', externalId: 'externalId', id: 'id' } as const;

/** The members of the key's network, as the city's identity provider keeps them (RFC 7644). */
@ApiTags('scim')
@Controller('api/scim/v2/Users')
export class ScimUsersController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: ProvisionedMembers,
    private readonly provisioning: MemberProvisioning,
  ) {}

  /** By `userName`, `externalId` or `id` with `eq`, or all of them, page by page. */
  @Get()
  @ScimRoute(scimUserList)
  async list(
    @CurrentActor() { scope }: ApiKeyActor,
    @Query({ schema: listQuery }) query: ListQuery,
  ): Promise<z.infer<typeof scimUserList>> {
    const by = readFilter(query.filter, ATTRIBUTES);
    const page = { by, offset: query.startIndex - 1, limit: query.count };
    const { total, items } = await this.database.run(scope, (tx) => this.members.list(tx, page));
    return presentList(query, { total, items: items.map(presentUser) });
  }

  /** Without a password: the member signs in at the provider, or is invited. A repeated create is a 409 `uniqueness`. */
  @Post()
  @ScimRoute(scimUser, { created: true })
  async create(
    @CurrentActor() actor: ApiKeyActor,
    @Body({ schema: userBody }) body: UserBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimUser> {
    const user = presentUser(await this.provisioning.create(actor.scope, actor, factsOf(body)));
    response.location(user.meta.location);
    return tagged(response, user);
  }

  @Get(':id')
  @ScimRoute(scimUser)
  async read(
    @CurrentActor() { scope }: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimUser> {
    return tagged(response, presentUser(await this.database.run(scope, (tx) => this.members.get(tx, id))));
  }

  @Put(':id')
  @ScimRoute(scimUser)
  async replace(
    @CurrentActor() actor: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: userBody }) body: UserBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimUser> {
    const replaced = await this.provisioning.change(actor.scope, actor, id, (present) => {
      const user = presentUser(present);
      assertVersion(user, ifMatch);
      return factsOf(body, user.active);
    });
    return tagged(response, presentUser(replaced));
  }

  /** Also in the words of Entra ID. */
  @Patch(':id')
  @ScimRoute(scimUser)
  async patch(
    @CurrentActor() actor: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: patchBody }) { Operations }: z.infer<typeof patchBody>,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimUser> {
    const changed = await this.provisioning.change(actor.scope, actor, id, async (present) => {
      const user = presentUser(present);
      assertVersion(user, ifMatch);
      return factsOf(await readInput(userBody, patched(user, Operations)), user.active);
    });
    return tagged(response, presentUser(changed));
  }

  /** Disables the member, who is no longer there for the provider; what the member did stays on record. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('scim:provision')
  @ApiNoContentResponse()
  remove(
    @CurrentActor() actor: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    return this.provisioning.remove(actor.scope, actor, id, (present) => assertVersion(presentUser(present), ifMatch));
  }
}
