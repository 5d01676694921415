import { Body, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import type { Transaction } from '#libs/database';
import type { FactorHolder, Person, SecondFactors, SessionToken } from '#libs/identity';
import type { ApiRequest } from '../http/api-request.ts';
import { idParams } from '../http/wire.ts';
import { type PlaneCookies, giveSession } from './cookies.ts';
import { CurrentActor } from './current-actor.ts';
import {
  confirmedFactor,
  factorList,
  pendingSignIn,
  presentFactors,
  presentStage,
  recoveryCodes,
  totpConfirmation,
  totpEnrolment,
} from './factor-schemas.ts';
import { newPasskey, passkeyCreation, passkeyRequest, placeOf } from './passkey-schemas.ts';
import { RequirePermission, RequireStepUp, WhileSigningIn } from './permission.ts';

/** A factor that counts from now on; with the session that follows, where it was what was missing. */
interface Added {
  readonly recoveryCodes: string[] | null;
  readonly also: SessionToken | null;
}

/**
 * One's own second factors, the same routes on both planes: authenticator apps, passkeys (WebAuthn) and recovery codes. A
 * controller says where they are, whose they are, and what the plane demands.
 */
export abstract class OwnFactorRoutes<Who extends Person, Tx extends Transaction> {
  protected abstract readonly cookies: PlaneCookies;

  constructor(protected readonly factors: SecondFactors) {}

  /** The door to the person's own factors. */
  protected abstract holderOf(actor: Who): FactorHolder<Tx>;
  /** What an authenticator shows for the account. */
  protected abstract namesOf(actor: Who): { readonly issuer: string; readonly label: string };
  /** Whether the last factor has to stay. */
  protected abstract mustHaveOne(actor: Who): boolean;
  /** The whole session that follows one in which a factor had to be enrolled. */
  protected abstract goOn(tx: Tx, actor: Who): Promise<SessionToken>;

  /** What is missing before the session is whole: for a page that was loaded again, or that an identity provider led to. */
  @Get('sessions/current')
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor', 'enrolment')
  @ApiOkResponse({ standardSchema: pendingSignIn })
  async pending(@CurrentActor() actor: Who): Promise<z.infer<typeof pendingSignIn>> {
    const holder = this.holderOf(actor);
    return presentStage(actor.stage, await holder.run((tx) => this.factors.kinds(tx, holder)));
  }

  @Get('me/second-factors')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: factorList })
  async list(@CurrentActor() actor: Who): Promise<z.infer<typeof factorList>> {
    return presentFactors(await this.factors.list(this.holderOf(actor)));
  }

  /** Begins to enrol an authenticator app. It counts once a code of it is confirmed. */
  @Post('me/second-factors')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: totpEnrolment })
  begin(@CurrentActor() actor: Who): Promise<z.infer<typeof totpEnrolment>> {
    return this.factors.beginTotp(this.holderOf(actor), this.namesOf(actor));
  }

  /** Confirms the authenticator by a code. Who had to enrol one is signed in from here on, under a new session id. */
  @Post('me/second-factors/confirmations')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: confirmedFactor })
  async confirm(
    @CurrentActor() actor: Who,
    @Body({ schema: totpConfirmation }) { id, code }: z.infer<typeof totpConfirmation>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof confirmedFactor>> {
    return this.given(response, await this.factors.confirmTotp(this.holderOf(actor), id, code, this.whole(actor)));
  }

  /** An authenticator or a passkey. */
  @Delete('me/second-factors/:id')
  @HttpCode(204)
  @RequirePermission('session:own')
  @RequireStepUp()
  @ApiNoContentResponse()
  async remove(
    @CurrentActor() actor: Who,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.factors.remove(this.holderOf(actor), id, this.mustHaveOne(actor));
  }

  /** Ten new recovery codes, shown this once; the old ones end. */
  @Post('me/recovery-codes')
  @RequirePermission('session:own')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: recoveryCodes })
  async renewRecoveryCodes(@CurrentActor() actor: Who): Promise<z.infer<typeof recoveryCodes>> {
    return { recoveryCodes: await this.factors.renewRecoveryCodes(this.holderOf(actor)) };
  }

  /** The challenge a passkey signs, for the second step of signing in and for a proof. Counts once, for five minutes. */
  @Post('sessions/current/passkey-options')
  @HttpCode(200)
  @RequirePermission('session:own')
  @WhileSigningIn('second_factor', 'whole')
  @ApiOkResponse({ standardSchema: passkeyRequest })
  async challenge(@CurrentActor() actor: Who, @Req() request: ApiRequest): Promise<z.infer<typeof passkeyRequest>> {
    return passkeyRequest.parse(await this.factors.challengePasskeys(this.holderOf(actor), placeOf(actor, request)));
  }

  /** Begins to make a passkey. */
  @Post('me/passkeys/options')
  @HttpCode(200)
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiOkResponse({ standardSchema: passkeyCreation })
  async beginPasskey(@CurrentActor() actor: Who, @Req() request: ApiRequest): Promise<z.infer<typeof passkeyCreation>> {
    const [holder, place] = [this.holderOf(actor), placeOf(actor, request)];
    return passkeyCreation.parse(await this.factors.beginPasskey(holder, place, this.namesOf(actor)));
  }

  /** Adds the passkey that was made. Who had to enrol a factor is signed in from here on, under a new session id. */
  @Post('me/passkeys')
  @RequirePermission('session:own')
  @WhileSigningIn('enrolment', 'whole')
  @RequireStepUp()
  @ApiCreatedResponse({ standardSchema: confirmedFactor })
  async addPasskey(
    @CurrentActor() actor: Who,
    @Body({ schema: newPasskey }) made: z.infer<typeof newPasskey>,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof confirmedFactor>> {
    const [holder, place] = [this.holderOf(actor), placeOf(actor, request)];
    return this.given(response, await this.factors.addPasskey(holder, place, made, this.whole(actor)));
  }

  private whole(actor: Who) {
    return (tx: Tx): Promise<SessionToken | null> =>
      actor.stage === 'enrolment' ? this.goOn(tx, actor) : Promise.resolve(null);
  }

  private given(response: Response, { recoveryCodes: codes, also }: Added): z.infer<typeof confirmedFactor> {
    if (also) giveSession(response, this.cookies, also);
    return { recoveryCodes: codes };
  }
}
