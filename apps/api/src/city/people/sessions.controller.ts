import { Body, Controller, Delete, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { type MemberActor, MemberSessions, type OpenedSession, SessionAuthenticator } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CITY_COOKIES, giveSession, takeSession } from '../../access/cookies.ts';
import { CurrentActor, NewSession } from '../../access/current-actor.ts';
import { MemberPasswordGuard, memberSignIn } from '../../access/password-strategies.ts';
import { Public, RequirePermission } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { type PendingSignIn, pendingSignIn, presentPending } from '../../access/factor-schemas.ts';
import { me, presentMe } from './me-schemas.ts';

/** Signing in and out. */
@ApiTags('sessions')
@Controller('api/v1/sessions')
export class SessionsController {
  constructor(
    private readonly sessions: MemberSessions,
    private readonly authenticator: SessionAuthenticator,
  ) {}

  /**
   * Signs a member in on the network the request came in through. The session lasts 12 hours. 202: the password was
   * right, and a second factor is to be proven or enrolled before the session does anything else.
   */
  @Post()
  @Public()
  @UseGuards(MemberPasswordGuard)
  @ApiCreatedResponse({ standardSchema: me })
  @ApiAcceptedResponse({ standardSchema: pendingSignIn })
  async open(
    // Checked by the guard, which runs before it; here for the description.
    @Body({ schema: memberSignIn }) _body: z.infer<typeof memberSignIn>,
    @NewSession() opened: OpenedSession,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof me> | PendingSignIn> {
    const { network } = request;
    const actor = network?.segment ? await this.authenticator.authenticate(opened.token, network) : null;
    if (!actor) throw new DomainError('IDENTITY.SIGN_IN_FAILED');
    giveSession(response, CITY_COOKIES, opened);
    return opened.stage === 'whole' ? presentMe(actor) : presentPending(response, opened);
  }

  /** Signs out: the session ends everywhere, its open streams included. */
  @Delete('current')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async end(@CurrentActor() actor: MemberActor, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.sessions.end(actor);
    takeSession(response, CITY_COOKIES);
  }
}
