import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import type { TenantTransaction } from '#libs/database';
import { FactorHolders, type MemberActor, MemberSessions, SecondFactors, SessionAuthenticator } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CITY_COOKIES, giveSession } from '../../access/cookies.ts';
import { CurrentActor } from '../../access/current-actor.ts';
import { OwnFactorRoutes } from '../../access/own-factor-routes.ts';
import { factorProof, proofOf } from '../../access/passkey-schemas.ts';
import { RequirePermission, WhileSigningIn } from '../../access/permission.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import { me, presentMe } from './me-schemas.ts';

/** A member's own second factors. */
@ApiTags('second-factors')
@Controller('api/v1')
export class OwnFactorsController extends OwnFactorRoutes<MemberActor, TenantTransaction> {
  protected readonly cookies = CITY_COOKIES;

  constructor(
    factors: SecondFactors,
    private readonly holders: FactorHolders,
    private readonly sessions: MemberSessions,
    private readonly authenticator: SessionAuthenticator,
  ) {
    super(factors);
  }

  /** Finishes signing in: an authenticator's code, a recovery code, or a passkey. The session goes on under a new id. */
  @Post('sessions/current/second-factor')
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor')
  @ApiCreatedResponse({ standardSchema: me })
  async finish(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: factorProof }) proof: z.infer<typeof factorProof>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof me>> {
    const finished = await this.factors.prove(this.holderOf(actor), proofOf(proof, actor, request), (tx) =>
      this.goOn(tx, actor),
    );
    const entrance = { ...request.network!, segment: actor.scope.segment };
    const known = await this.authenticator.authenticate(finished.token, entrance);
    if (!known) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    giveSession(response, this.cookies, finished);
    return presentMe(known);
  }

  protected holderOf({ scope, id }: MemberActor) {
    return this.holders.member(scope, id);
  }

  protected namesOf({ city, loginId }: MemberActor) {
    return { issuer: `もやい ${city.name}`, label: loginId };
  }

  protected mustHaveOne({ policy }: MemberActor): boolean {
    return policy.mfa === 'required';
  }

  protected goOn(tx: TenantTransaction, actor: MemberActor) {
    return this.sessions.finish(tx, actor);
  }
}
