import { Body, Controller, Delete, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { TenantDatabase } from '#libs/database';
import { InvitationMails, Invitations, type MemberActor } from '#libs/identity';
import { DomainError, type Segment } from '#libs/kernel';
import { CurrentActor } from '../../access/current-actor.ts';
import { Public, RequirePermission, RequireStepUp } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { ownOrigin } from '../../http/same-origin.ts';
import { idParams, instant, instantSchema } from '../../http/wire.ts';
import { invitationQuery, issuedInvitation, presentInvitation } from './member-schemas.ts';

const token = z.string().min(1).max(200);
const invitationLookup = z.strictObject({ token }).meta({ id: 'InvitationLookup' });
const invitationAcceptance = z
  .strictObject({ token, newPassword: z.string().min(1).max(512) })
  .meta({ id: 'InvitationAcceptance' });

const invitationView = z
  .object({
    city: z.object({ code: z.string(), name: z.string() }),
    loginId: z.string(),
    displayName: z.string(),
    expiresAt: instantSchema,
  })
  .meta({ id: 'InvitationView' });

const segmentOf = ({ network }: ApiRequest): Segment => {
  if (!network?.segment) throw new DomainError('IDENTITY.INVITATION_UNKNOWN');
  return network.segment;
};

/** Invitations: made by administrators, used by whoever holds the link. Its token comes in the body, never in an address. */
@ApiTags('invitations')
@Controller('api/v1')
export class InvitationsController {
  constructor(
    private readonly database: TenantDatabase,
    private readonly invitations: Invitations,
    private readonly mails: InvitationMails,
  ) {}

  /** Lets the member set a password. Older invitations of the member end; the token is shown this once, or mailed. */
  @Post('members/:id/invitations')
  @RequirePermission('member:write')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: issuedInvitation })
  async issue(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: invitationQuery }) { by }: z.infer<typeof invitationQuery>,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof issuedInvitation>> {
    const byMail = by === 'mail';
    const envelope = byMail ? await this.mails.envelope(actor.scope, ownOrigin(request)) : null;
    return presentInvitation(
      await this.database.run(actor.scope, async (tx) => {
        const issued = await this.invitations.issue(tx, actor, id, envelope);
        if (byMail && !issued.mailed) throw new DomainError('IDENTITY.INVITATION_NOT_MAILED');
        return issued;
      }),
    );
  }

  /** Ends the member's open invitation, if there is one. */
  @Delete('members/:id/invitations')
  @HttpCode(204)
  @RequirePermission('member:write')
  @ApiNoContentResponse()
  async revoke(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.database.run(actor.scope, (tx) => this.invitations.revoke(tx, actor, id));
  }

  /** Whom the invitation is for. */
  @Post('invitation-lookups')
  @HttpCode(200)
  @Public()
  @ApiOkResponse({ standardSchema: invitationView })
  async view(
    @Body({ schema: invitationLookup }) body: z.infer<typeof invitationLookup>,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof invitationView>> {
    const view = await this.invitations.view(body.token, segmentOf(request));
    return { ...view, expiresAt: instant(view.expiresAt) };
  }

  /** Sets the password. An invitation works once. */
  @Post('invitation-acceptances')
  @HttpCode(204)
  @Public()
  @ApiNoContentResponse()
  async accept(
    @Body({ schema: invitationAcceptance }) body: z.infer<typeof invitationAcceptance>,
    @Req() request: ApiRequest,
  ): Promise<void> {
    await this.invitations.accept(body.token, segmentOf(request), body.newPassword);
  }
}
