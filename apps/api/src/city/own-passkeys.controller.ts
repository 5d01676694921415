import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { FactorHolders, type MemberActor, MemberSessions, SecondFactors, type SessionToken } from '#libs/identity';
import { CITY_COOKIES, giveSession } from '../access/cookies.ts';
import { CurrentActor } from '../access/current-actor.ts';
import { confirmedFactor } from '../access/factor-schemas.ts';
import { newPasskey, passkeyCreation, passkeyRequest, placeOf } from '../access/passkey-schemas.ts';
import { RequirePermission, RequireStepUp, WhileSigningIn } from '../access/permission.ts';
import type { ApiRequest } from '../http/api-request.ts';

/** A member's own passkeys (WebAuthn), as a second factor. Listed and removed like the others. */
@ApiTags('second-factors')
@Controller('api/v1')
export class OwnPasskeysController {
  constructor(
    private readonly holders: FactorHolders,
    private readonly factors: SecondFactors,
    private readonly sessions: MemberSessions,
  ) {}

  /** The challenge a passkey signs, for the second step of signing in and for a proof. Counts once, for five minutes. */
  @Post('sessions/current/passkey-options')
  @HttpCode(200)
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor', 'whole')
  @ApiOkResponse({ standardSchema: passkeyRequest })
  async challenge(
    @CurrentActor() actor: MemberActor,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof passkeyRequest>> {
    return passkeyRequest.parse(await this.factors.challengePasskeys(this.holderOf(actor), placeOf(actor, request)));
  }

  /** Begins to make a passkey. */
  @Post('me/passkeys/options')
  @HttpCode(200)
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: passkeyCreation })
  async begin(
    @CurrentActor() actor: MemberActor,
    @Req() request: ApiRequest,
  ): Promise<z.infer<typeof passkeyCreation>> {
    const names = { issuer: `もやい ${actor.city.name}`, label: actor.loginId };
    return passkeyCreation.parse(await this.factors.beginPasskey(this.holderOf(actor), placeOf(actor, request), names));
  }

  /** Adds the passkey that was made. Who had to enrol a factor is signed in from here on, under a new session id. */
  @Post('me/passkeys')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: confirmedFactor })
  async add(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: newPasskey }) made: z.infer<typeof newPasskey>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof confirmedFactor>> {
    const added = await this.factors.addPasskey(
      this.holderOf(actor),
      placeOf(actor, request),
      made,
      (tx): Promise<SessionToken | null> =>
        actor.stage === 'enrolment' ? this.sessions.finish(tx, actor) : Promise.resolve(null),
    );
    if (added.also) giveSession(response, CITY_COOKIES, added.also);
    return { recoveryCodes: added.recoveryCodes };
  }

  private holderOf({ scope, id }: MemberActor) {
    return this.holders.member(scope, id);
  }
}
