import { Controller, HttpCode, Param, Post, Query, Req, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { InvitationMails, type MemberActor } from '#libs/identity';
import { type InvitedMember, RosterInvitations } from '#libs/roster';
import { type Column, csvStream, tableOf } from '#libs/spreadsheet';
import { CurrentActor } from '../../access/current-actor.ts';
import { TakesOut } from '../../access/network-rules.ts';
import { RequirePermission, RequireStepUp } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { CSV, CSV_ANSWER, sendStream } from '../../http/invoice-file.ts';
import { ownOrigin } from '../../http/same-origin.ts';
import { idParams } from '../../http/wire.ts';
import { invitationQuery } from '../people/member-schemas.ts';

/** 招待: links for those whom an import added. */
@ApiTags('roster-imports')
@Controller('api/v1/roster-imports')
export class RosterInvitationsController {
  constructor(
    private readonly invitations: RosterInvitations,
    private readonly mails: InvitationMails,
  ) {}

  /**
   * A new single-use invitation for each added member who has not come yet, as CSV; what was issued to them before ends.
   * Where a member's network is another one, the link begins at its address there. By mail, whoever can be mailed gets the
   * link so, and the file has it for the others alone.
   */
  @Post(':id/invitations')
  @HttpCode(200)
  @RequirePermission('member:write')
  @RequireStepUp()
  @TakesOut('export')
  @ApiOkResponse(CSV_ANSWER)
  async issue(
    @CurrentActor() actor: MemberActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
    @Query({ schema: invitationQuery }) { by }: z.infer<typeof invitationQuery>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const here = ownOrigin(request) ?? '';
    const envelope = by === 'mail' ? await this.mails.envelope(actor.scope, here) : null;
    const invited = await this.invitations.issue(actor.scope, actor, id, envelope);
    const linkOf = ({ segment, token, mailed }: InvitedMember) =>
      mailed ? null : `${segment === actor.scope.segment ? here : ''}/invitation#${token}`;
    const text = (header: string, of: (row: InvitedMember) => string | null): Column<InvitedMember> => ({
      header,
      kind: 'text',
      of,
    });
    const columns = [
      text('ログインID', ({ loginId }) => loginId),
      text('氏名', ({ displayName }) => displayName),
      text('所属', ({ departmentName }) => departmentName),
      text('メールアドレス', ({ mailAddress }) => mailAddress),
      text('渡し方', ({ mailed }) => (mailed ? 'メールで送信' : 'リンクを渡す')),
      text('招待リンク', linkOf),
      text('有効期限', ({ expiresAt }) => expiresAt.toISOString()),
    ];
    return sendStream(response, '招待リンク.csv', CSV, csvStream(tableOf('招待', columns, invited)));
  }
}
