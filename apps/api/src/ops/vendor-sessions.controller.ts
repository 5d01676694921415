import { Body, Controller, Delete, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { type OpenedSession, type VendorActor, VendorSessions } from '#libs/identity';
import { VENDOR_COOKIES, giveSession, takeSession } from '../access/cookies.ts';
import { CurrentActor, NewSession } from '../access/current-actor.ts';
import { VendorPasswordGuard, vendorSignIn } from '../access/password-strategies.ts';
import { Public, RequirePermission } from '../access/permission.ts';
import { type PendingSignIn, pendingSignIn, presentPending } from '../access/factor-schemas.ts';
import { presentVendorMe, vendorMe } from './vendor-me.ts';

/** The vendor's own people, whatever their role. */
@ApiTags('vendor-sessions')
@Controller('api/ops/v1')
export class VendorSessionsController {
  constructor(private readonly sessions: VendorSessions) {}

  /** Checks the password. Everybody of the vendor goes on with a second factor: proven, or enrolled the first time. */
  @Post('sessions')
  @Public()
  @UseGuards(VendorPasswordGuard)
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: pendingSignIn })
  open(
    // Checked by the guard, which runs before it; here for the description.
    @Body({ schema: vendorSignIn }) _body: z.infer<typeof vendorSignIn>,
    @NewSession() opened: OpenedSession,
    @Res({ passthrough: true }) response: Response,
  ): PendingSignIn {
    giveSession(response, VENDOR_COOKIES, opened);
    return presentPending(response, opened);
  }

  @Delete('sessions/current')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async end(@CurrentActor() actor: VendorActor, @Res({ passthrough: true }) response: Response): Promise<void> {
    await this.sessions.end(actor);
    takeSession(response, VENDOR_COOKIES);
  }

  @Get('me')
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: vendorMe })
  me(@CurrentActor() actor: VendorActor): z.infer<typeof vendorMe> {
    return presentVendorMe(actor);
  }
}
