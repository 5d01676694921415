import { type ExecutionContext, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';
import { MemberSessions, type OpenedSession, VendorSessions } from '#libs/identity';
import { z } from 'zod';
import { loginIdSchema } from '../http/wire.ts';
import { readInput } from '../http/request-input.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { StrategyGuard } from './strategy-guard.ts';
import { DEVICE_COOKIE, VENDOR_DEVICE_COOKIE, readCookie } from './cookies.ts';

// Longer than any password that is allowed; hashing is not for unbounded input.
const passwordInput = z.string().min(1).max(512);

export const memberSignIn = z
  .strictObject({ cityCode: z.string().regex(/^\d{6}$/), loginId: loginIdSchema, password: passwordInput })
  .meta({ id: 'MemberSignIn' });

export const vendorSignIn = z
  .strictObject({ loginId: loginIdSchema, password: passwordInput })
  .meta({ id: 'VendorSignIn' });

const FIELDS = { usernameField: 'loginId', session: false, passReqToCallback: true } as const;

/** City code, login id and password, on the network the request came in through. */
@Injectable()
export class MemberPasswordStrategy extends PassportStrategy(Strategy, 'member-password') {
  constructor(private readonly sessions: MemberSessions) {
    super(FIELDS);
  }

  async validate(request: ApiRequest, loginId: string, password: string): Promise<OpenedSession | null> {
    const { network } = request;
    if (!network?.segment) return null;
    const { cityCode } = request.body as z.infer<typeof memberSignIn>;
    return this.sessions.open({
      cityCode,
      loginId,
      password,
      entrance: network,
      device: readCookie(request, DEVICE_COOKIE),
    });
  }
}

/** The vendor's people, on the vendor's own network. */
@Injectable()
export class VendorPasswordStrategy extends PassportStrategy(Strategy, 'vendor-password') {
  constructor(private readonly sessions: VendorSessions) {
    super(FIELDS);
  }

  async validate(request: ApiRequest, loginId: string, password: string): Promise<OpenedSession> {
    return this.sessions.open({ loginId, password, device: readCookie(request, VENDOR_DEVICE_COOKIE) });
  }
}

/** Guards run before pipes: what passport is to read is checked here, by the same schema the route documents. */
@Injectable()
export class MemberPasswordGuard extends StrategyGuard.of('member-password') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    request.body = await readInput(memberSignIn, request.body);
    return super.canActivate(context) as Promise<boolean>;
  }
}

/** As {@link MemberPasswordGuard}, for the vendor's people. */
@Injectable()
export class VendorPasswordGuard extends StrategyGuard.of('vendor-password') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    request.body = await readInput(vendorSignIn, request.body);
    return super.canActivate(context) as Promise<boolean>;
  }
}
