import { Body, Controller, Delete, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { z } from 'zod';
import { type OpenedSession, type VendorActor, VendorAuthenticator, VendorSessions } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { VENDOR_COOKIES, giveSession, takeSession } from '../access/cookies.ts';
import { CurrentActor, NewSession } from '../access/current-actor.ts';
import { VendorPasswordGuard, vendorSignIn } from '../access/password-strategies.ts';
import { Public, RequirePermission } from '../access/permission.ts';
import { presentVendorMe, vendorMe } from './vendor-me.ts';

/** The vendor's own people, whatever their role. */
@ApiTags('vendor-sessions')
@Controller('api/ops/v1')
export class VendorSessionsController {
  constructor(
    private readonly sessions: VendorSessions,
    private readonly authenticator: VendorAuthenticator,
  ) {}

  @Post('sessions')
  @Public()
  @UseGuards(VendorPasswordGuard)
  @ApiCreatedResponse({ standardSchema: vendorMe })
  async open(
    // Checked by the guard, which runs before it; here for the description.
    @Body({ schema: vendorSignIn }) _body: z.infer<typeof vendorSignIn>,
    @NewSession() opened: OpenedSession,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.infer<typeof vendorMe>> {
    const actor = await this.authenticator.authenticate(opened.token);
    if (!actor) throw new DomainError('IDENTITY.SIGN_IN_FAILED');
    giveSession(response, VENDOR_COOKIES, opened);
    return presentVendorMe(actor);
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
