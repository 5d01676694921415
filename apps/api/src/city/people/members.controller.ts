import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import {
  FactorHolders,
  InvitationMails,
  type MemberActor,
  MemberAdministration,
  MemberDirectory,
  OpenSessions,
} from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { openSessions, presentSessions } from '../../access/factor-schemas.ts';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { ownOrigin } from '../../http/same-origin.ts';
import { idParams, pageFrom, readCursor } from '../../http/wire.ts';
import {
  changeMember,
  createMember,
  createdMember,
  initialPassword,
  member,
  memberPage,
  memberQuery,
  presentInvitation,
  presentMember,
} from './member-schemas.ts';

/** 職員. */
@ApiTags('members')
@Controller('api/v1/members')
export class MembersController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly members: MemberDirectory,
    private readonly administration: MemberAdministration,
    private readonly holders: FactorHolders,
    private readonly open: OpenSessions,
    private readonly mails: InvitationMails,
  ) {}

  @Get()
  @RequirePermission('member:read')
  @ApiOkResponse({ standardSchema: memberPage })
  async list(
    @CurrentActor() actor: MemberActor,
    @Query({ schema: memberQuery }) { query, cursor, limit }: z.infer<typeof memberQuery>,
  ): Promise<z.infer<typeof memberPage>> {
    const after = readCursor(cursor);
    const rows = await this.database.run(actor.scope, (tx) =>
      this.members.list(tx, { query, after, limit: limit + 1 }),
    );
    return pageFrom(rows, limit, { after: ({ loginId }) => loginId, present: presentMember });
  }

  /** The initial password or the invitation is shown this once, unless the invitation is mailed. */
  @Post()
  @RequirePermission('member:write')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: createdMember })
  async create(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: createMember }) { credential, ...body }: z.infer<typeof createMember>,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof createdMember>> {
    const asked = { ...body, departmentId: body.departmentId ?? null };
    if (credential === 'password') {
      const created = await this.administration.create(actor.scope, actor, asked);
      return { member: presentMember(created.member), initialPassword: created.initialPassword, invitation: null };
    }
    const envelope = credential === 'mail' ? await this.mails.envelope(actor.scope, ownOrigin(request)) : null;
    if (credential === 'mail' && !(envelope && asked.mailAddress && asked.segment === envelope.segment))
      throw new DomainError('IDENTITY.INVITATION_NOT_MAILED');
    const invited = await this.administration.invite(actor.scope, actor, asked, envelope);
    return {
      member: presentMember(invited.member),
      initialPassword: null,
      invitation: presentInvitation(invited.invitation),
    };
  }

  @Patch(':id')
  @RequirePermission('member:write')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: member })
  async change(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Body({ schema: changeMember }) change: z.infer<typeof changeMember>,
  ): Promise<z.infer<typeof member>> {
    return presentMember(await this.administration.change(actor.scope, actor, id, change));
  }

  /** For a member who lost the authenticator: takes the second factors away and ends the sessions. */
  @Delete(':id/second-factors')
  @HttpCode(204)
  @RequirePermission('member:write')
  @RequireStepUp()
  @ApiNoContentResponse()
  async resetFactors(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.administration.resetFactors(actor.scope, actor, id);
  }

  /** Where a member is signed in, newest first. */
  @Get(':id/sessions')
  @RequirePermission('member:write')
  @ApiOkResponse({ standardSchema: openSessions })
  async sessions(
    @CurrentActor() { scope, sessionId }: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof openSessions>> {
    const { segment } = await this.database.run(scope, (tx) => this.members.get(tx, id));
    // Sessions are seen on their own network alone
    const holder = this.holders.member({ tenantId: scope.tenantId, segment }, id);
    return presentSessions(await this.open.list(holder, sessionId));
  }

  /** Signs the member out everywhere, open streams included. */
  @Delete(':id/sessions')
  @HttpCode(204)
  @RequirePermission('member:write')
  @ApiNoContentResponse()
  async endSessions(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.administration.endSessions(actor.scope, actor, id);
  }

  /** Gives a new password, shown this once, and ends the member's sessions. */
  @Post(':id/password-resets')
  @RequirePermission('member:write')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: initialPassword })
  async resetPassword(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<z.infer<typeof initialPassword>> {
    return { initialPassword: await this.administration.resetPassword(actor.scope, actor, id) };
  }
}
