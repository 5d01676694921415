import { Body, Controller, Get, HttpCode, Put, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { type MemberActor, MemberPasswords } from '#libs/identity';
import { CITY_COOKIES, giveSession } from '../../access/cookies.ts';
import { CurrentActor } from '../../access/current-actor.ts';
import { RequirePermission } from '../../access/permission.ts';
import { me, presentMe } from './me-schemas.ts';

const passwordChange = z
  .strictObject({ currentPassword: z.string().min(1).max(512), newPassword: z.string().min(1).max(512) })
  .meta({ id: 'PasswordChange' });

/** Who is signed in, and their own password. */
@ApiTags('sessions')
@Controller('api/v1/me')
export class MeController {
  constructor(private readonly passwords: MemberPasswords) {}

  @Get()
  @RequirePermission('session:own')
  @ApiOkResponse({ standardSchema: me })
  read(@CurrentActor() actor: MemberActor): z.infer<typeof me> {
    return presentMe(actor);
  }

  /** Replaces one's own password. Every session of the member ends; the caller gets a new one. */
  @Put('password')
  @HttpCode(204)
  @RequirePermission('session:own')
  @ApiNoContentResponse()
  async changePassword(
    @CurrentActor() actor: MemberActor,
    @Body({ schema: passwordChange }) body: z.infer<typeof passwordChange>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    giveSession(response, CITY_COOKIES, await this.passwords.change(actor, body));
  }
}
