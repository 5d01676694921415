import { Body, Controller, Get, Headers, Param, Patch, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { type ApiKeyActor, MemberProvisioning, ProvisionedGroups } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CurrentActor } from '../access/current-actor.ts';
import { readInput } from '../http/request-input.ts';
import { idParams } from '../http/wire.ts';
import { readFilter } from './scim-filter.ts';
import { patched } from './scim-patch.ts';
import { assertVersion, leavesMembersOut, presentGroup, presentList } from './scim-resources.ts';
import { ScimRoute, tagged } from './scim-route.ts';
import {
  LIMITS,
  type ListQuery,
  type ScimGroup,
  listQuery,
  patchBody,
  scimGroup,
  scimGroupList,
} from './scim-schemas.ts';

type Id = z.infer<typeof idParams>;
const ATTRIBUTES = { displayName: 'name', externalId: 'code', id: 'id' } as const;

/** What a client may have made of a group: its members are taken over, the rest must be as it was. */
const patchedGroup = z.object({
  displayName: z.string(),
  members: z
    .array(z.object({ value: z.uuid() }))
    .max(LIMITS.members)
    .default([]),
});

/**
 * Departments, and who belongs to them. The tree itself is the city's: it is made, named and closed in its own
 * administration, with dates that SCIM has no words for.
 */
@ApiTags('scim')
@Controller('api/scim/v2/Groups')
export class ScimGroupsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly groups: ProvisionedGroups,
    private readonly provisioning: MemberProvisioning,
  ) {}

  /** By `displayName`, `externalId` (the department's code) or `id` with `eq`, or all of them, page by page. */
  @Get()
  @ScimRoute(scimGroupList)
  async list(
    @CurrentActor() { scope }: ApiKeyActor,
    @Query({ schema: listQuery }) query: ListQuery,
  ): Promise<z.infer<typeof scimGroupList>> {
    const by = readFilter(query.filter, ATTRIBUTES);
    const page = { by, offset: query.startIndex - 1, limit: query.count };
    const { total, items } = await this.database.run(scope, (tx) => this.groups.list(tx, page));
    const groups = items.map(presentGroup);
    const bare = groups.map((group) => ({ ...group, members: undefined }));
    return presentList(query, { total, items: leavesMembersOut(query) ? bare : groups });
  }

  @Get(':id')
  @ScimRoute(scimGroup)
  async read(
    @CurrentActor() { scope }: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimGroup> {
    return tagged(response, presentGroup(await this.database.run(scope, (tx) => this.groups.get(tx, id))));
  }

  /** Adds, removes or replaces members. A member belongs to one department: who is added here leaves the one before. */
  @Patch(':id')
  @ScimRoute(scimGroup)
  async patch(
    @CurrentActor() actor: ApiKeyActor,
    @Param({ schema: idParams }) { id }: Id,
    @Body({ schema: patchBody }) { Operations }: z.infer<typeof patchBody>,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ScimGroup> {
    const changed = await this.provisioning.regroup(actor.scope, actor, id, async (present) => {
      const group = presentGroup(present);
      assertVersion(group, ifMatch);
      const wished = await readInput(patchedGroup, patched(group, Operations));
      if (wished.displayName !== group.displayName) throw new DomainError('SCIM.READ_ONLY');
      return wished.members.map(({ value }) => value);
    });
    return tagged(response, presentGroup(changed));
  }
}
