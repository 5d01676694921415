import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { isId } from '#libs/kernel';
import { type Arrival, SsoSignIn } from '#libs/sso';
import { readCookie } from '../access/cookies.ts';
import { StrategyGuard } from '../access/strategy-guard.ts';
import type { ApiRequest } from '../http/api-request.ts';
import { readForm } from '../http/form-body.ts';
import { SSO_COOKIE } from './sso-cookie.ts';

/** Somebody whom the city's identity provider has sent back, on the network the request came in through. */
@Injectable()
export class SsoReturnStrategy extends PassportStrategy(Strategy, 'sso-return') {
  constructor(private readonly signIn: SsoSignIn) {
    super();
  }

  async validate(request: ApiRequest): Promise<Arrival | null> {
    const { network } = request;
    const { providerId } = request.params;
    if (!network?.segment || !isId(providerId)) return null;
    const parameters =
      request.method === 'POST' ? await readForm(request) : new URL(request.originalUrl, 'http://none').searchParams;
    return this.signIn.arrive({ providerId, entrance: network, cookie: readCookie(request, SSO_COOKIE), parameters });
  }
}

/** Lets in whom the city's identity provider vouches for. */
@Injectable()
export class SsoReturnGuard extends StrategyGuard.of('sso-return') {}
