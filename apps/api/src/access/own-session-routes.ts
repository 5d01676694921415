import { Body, Delete, Get, HttpCode, Injectable, Param, Post, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { FactorHolders, OpenSessions, type Person, StepUps } from '#libs/identity';
import type { ApiRequest } from '../http/api-request.ts';
import { idParams } from '../http/wire.ts';
import { CurrentActor } from './current-actor.ts';
import { openSessions, presentSessions, stepUp, stepUpMethods } from './factor-schemas.ts';
import { proofOf } from './passkey-schemas.ts';
import { RequirePermission } from './permission.ts';

/** One's own open sessions, and proofs that it is still oneself, the same routes on both planes. */
@Injectable()
export abstract class OwnSessionRoutes {
  constructor(
    private readonly holders: FactorHolders,
    private readonly sessions: OpenSessions,
    private readonly stepUps: StepUps,
  ) {}

  /** Newest first. */
  @Get('me/sessions')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: openSessions })
  async list(@CurrentActor() actor: Person): Promise<z.infer<typeof openSessions>> {
    return presentSessions(await this.sessions.list(this.holders.of(actor), actor.sessionId));
  }

  /** Ends all of one's own sessions but this one. */
  @Delete('me/sessions')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async endOthers(@CurrentActor() actor: Person): Promise<void> {
    await this.sessions.endOthers(this.holders.of(actor), actor.sessionId);
  }

  /** Ends one of one's own sessions everywhere, its open streams included. */
  @Delete('me/sessions/:id')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async endOne(
    @CurrentActor() actor: Person,
    @Param({ schema: idParams }) { id }: z.infer<typeof idParams>,
  ): Promise<void> {
    await this.sessions.end(this.holders.of(actor), id);
  }

  /** What a proof will be asked for. Who has no password signs in again. */
  @Get('me/step-up')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: stepUpMethods })
  means(@CurrentActor() actor: Person): Promise<z.infer<typeof stepUpMethods>> {
    return this.stepUps.means(actor);
  }

  /** Proves again who is there; for ten minutes this session may do what is dangerous. */
  @Post('me/step-up')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async prove(
    @CurrentActor() actor: Person,
    @Body({ schema: stepUp }) { password, proof }: z.infer<typeof stepUp>,
    @Req() request: ApiRequest,
  ): Promise<void> {
    await this.stepUps.prove(actor, password, proof ? proofOf(proof, actor, request) : null);
  }
}
