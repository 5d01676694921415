import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import {
  FactorHolders,
  OpenSessions,
  type VendorActor,
  SecondFactors,
  type SessionToken,
  StepUps,
  VendorAuthenticator,
  VendorSessions,
} from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { VENDOR_COOKIES, giveSession } from '../access/cookies.ts';
import { CurrentActor } from '../access/current-actor.ts';
import {
  confirmedFactor,
  factorList,
  type PendingSignIn,
  pendingSignIn,
  openSessions,
  presentFactors,
  presentSessions,
  presentStage,
  recoveryCodes,
  stepUp,
  stepUpMethods,
  totpConfirmation,
  totpEnrolment,
} from '../access/factor-schemas.ts';
import { factorProof, proofOf } from '../access/passkey-schemas.ts';
import { RequirePermission, RequireStepUp, WhileSigningIn } from '../access/permission.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { idParams } from '../http/wire.ts';
import { vendorMe, presentVendorMe } from './vendor-me.ts';

/** The second factors of the vendor's own people, who all need one. */
@ApiTags('vendor-second-factors')
@Controller('api/ops/v1')
export class OwnVendorFactorsController {
  constructor(
    private readonly holders: FactorHolders,
    private readonly factors: SecondFactors,
    private readonly stepUps: StepUps,
    private readonly open: OpenSessions,
    private readonly sessions: VendorSessions,
    private readonly authenticator: VendorAuthenticator,
  ) {}

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
      this.sessions.finish(tx, actor),
    );
    const known = await this.authenticator.authenticate(finished.token);
    if (!known) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    giveSession(response, VENDOR_COOKIES, finished);
    return presentVendorMe(known);
  }

  /** What is missing before the session is whole: for a page that was loaded again, or that an identity provider led to. */
  @Get('sessions/current')
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor', 'enrolment')
  @ApiOkResponse({ standardSchema: pendingSignIn })
  async pending(@CurrentActor() actor: VendorActor): Promise<PendingSignIn> {
    return presentStage(actor.stage, await this.stepUps.methods(actor));
  }

  @Get('me/second-factors')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: factorList })
  async list(@CurrentActor() actor: VendorActor): Promise<z.infer<typeof factorList>> {
    return presentFactors(await this.factors.list(this.holderOf(actor)));
  }

  /** Begins to enrol an authenticator app. It counts once a code of it is confirmed. */
  @Post('me/second-factors')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: totpEnrolment })
  begin(@CurrentActor() actor: VendorActor): Promise<z.infer<typeof totpEnrolment>> {
    return this.factors.beginTotp(this.holderOf(actor), { issuer: 'もやい 運営', label: actor.loginId });
  }

  /** Confirms the authenticator by a code. Who had to enrol one is signed in from here on, under a new session id. */
  @Post('me/second-factors/confirmations')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: confirmedFactor })
  async confirm(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: totpConfirmation }) { id, code }: z.infer<typeof totpConfirmation>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof confirmedFactor>> {
    const confirmed = await this.factors.confirmTotp(
      this.holderOf(actor),
      id,
      code,
      (tx): Promise<SessionToken | null> =>
        actor.stage === 'enrolment' ? this.sessions.finish(tx, actor) : Promise.resolve(null),
    );
    if (confirmed.also) giveSession(response, VENDOR_COOKIES, confirmed.also);
    return { recoveryCodes: confirmed.recoveryCodes };
  }

  @Delete('me/second-factors/:id')
  @HttpCode(204)
  @RequirePermission('session:own')
  @RequireStepUp()
  @ApiNoContentResponse()
  async remove(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.factors.remove(this.holderOf(actor), id, true);
  }

  /** Ten new recovery codes, shown this once; the old ones end. */
  @Post('me/recovery-codes')
  @RequirePermission('session:own')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: recoveryCodes })
  async renewRecoveryCodes(@CurrentActor() actor: VendorActor): Promise<z.infer<typeof recoveryCodes>> {
    return { recoveryCodes: await this.factors.renewRecoveryCodes(this.holderOf(actor)) };
  }

  /** One's own open sessions, newest first. */
  @Get('me/sessions')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: openSessions })
  async openSessions(@CurrentActor() actor: VendorActor): Promise<z.infer<typeof openSessions>> {
    return presentSessions(await this.open.list(this.holderOf(actor), actor.sessionId));
  }

  /** Ends all of one's own sessions but this one. */
  @Delete('me/sessions')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async endOthers(@CurrentActor() actor: VendorActor): Promise<void> {
    await this.open.endOthers(this.holderOf(actor), actor.sessionId, null);
  }

  /** Ends one of one's own sessions everywhere, its open streams included. */
  @Delete('me/sessions/:id')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async endOne(
    @CurrentActor() actor: VendorActor,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.open.end(this.holderOf(actor), id, null);
  }

  @Get('me/step-up')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: stepUpMethods })
  async stepUpMethods(@CurrentActor() actor: VendorActor): Promise<z.infer<typeof stepUpMethods>> {
    return { methods: await this.stepUps.methods(actor) };
  }

  /** Proves again who is there; for ten minutes this session may do what is dangerous. */
  @Post('me/step-up')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async stepUp(
    @CurrentActor() actor: VendorActor,
    @Body({ schema: stepUp }) { password, proof }: z.infer<typeof stepUp>,
    @Req() request: ApiRequest,
  ): Promise<void> {
    await this.stepUps.prove(actor, password, proof ? proofOf(proof, actor, request) : null);
  }

  private holderOf({ id }: VendorActor) {
    return this.holders.vendor(id);
  }
}
