import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import type { Transaction } from '#libs/database';
import { FactorHolders, SecondFactors, type VendorActor, VendorAuthenticator, VendorSessions } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { VENDOR_COOKIES, giveSession } from '../access/cookies.ts';
import { CurrentActor } from '../access/current-actor.ts';
import { OwnFactorRoutes } from '../access/own-factor-routes.ts';
import { factorProof, proofOf } from '../access/passkey-schemas.ts';
import { RequirePermission, WhileSigningIn } from '../access/permission.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { presentVendorMe, vendorMe } from './vendor-me.ts';

/** The second factors of the vendor's own people, who all need one. */
@ApiTags('vendor-second-factors')
@Controller('api/ops/v1')
export class OwnVendorFactorsController extends OwnFactorRoutes<VendorActor, Transaction> {
  protected readonly cookies = VENDOR_COOKIES;

  constructor(
    factors: SecondFactors,
    private readonly holders: FactorHolders,
    private readonly sessions: VendorSessions,
    private readonly authenticator: VendorAuthenticator,
  ) {
    super(factors);
  }

  /** Finishes signing in: an authenticator's code, a recovery code, or a passkey. The session goes on under a new id. */
  @Post('sessions/current/second-factor')
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor')
  @ApiCreatedResponse({ standardSchema: vendorMe })
  async finish(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: factorProof }) proof: z.infer<typeof factorProof>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof vendorMe>> {
    const finished = await this.factors.prove(this.holderOf(actor), proofOf(proof, actor, request), (tx) =>
      this.goOn(tx, actor),
    );
    const known = await this.authenticator.authenticate(finished.token);
    if (!known) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    giveSession(response, this.cookies, finished);
    return presentVendorMe(known);
  }

  protected holderOf({ id }: VendorActor) {
    return this.holders.vendor(id);
  }

  protected namesOf({ loginId }: VendorActor) {
    return { issuer: 'もやい 運営', label: loginId };
  }

  protected mustHaveOne(): boolean {
    return true;
  }

  protected goOn(tx: Transaction, actor: VendorActor) {
    return this.sessions.finish(tx, actor);
  }
}
