import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import {
  type ApiKeyActor,
  ApiKeyAuthenticator,
  type MemberActor,
  type ServiceKeyActor,
  ServiceKeyAuthenticator,
  SessionAuthenticator,
  type VendorActor,
  VendorAuthenticator,
} from '#libs/identity';
import type { ApiRequest } from '../http/api-request.ts';
import { SESSION_COOKIE, VENDOR_SESSION_COOKIE, readCookie } from './cookies.ts';

const BEARER = /^Bearer +(\S+)$/i;

/** A member's browser. A request that also brings an Authorization header means that one. */
@Injectable()
export class MemberSessionStrategy extends PassportStrategy(Strategy, 'member-session') {
  constructor(private readonly sessions: SessionAuthenticator) {
    super();
  }

  async validate(request: ApiRequest): Promise<MemberActor | null> {
    const { network } = request;
    const cookie = readCookie(request, SESSION_COOKIE);
    if (!network?.segment || !cookie || request.get('authorization') !== undefined) return null;
    return this.sessions.authenticate(cookie, network);
  }
}

/** A city's own system. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, 'api-key') {
  constructor(private readonly keys: ApiKeyAuthenticator) {
    super();
  }

  async validate(request: ApiRequest): Promise<ApiKeyActor | null> {
    const { network } = request;
    const key = BEARER.exec(request.get('authorization') ?? '')?.[1];
    return network?.segment && key ? this.keys.authenticate(key, network) : null;
  }
}

/** A person of the vendor, on the vendor's own network. A request that also brings an Authorization header means that one. */
@Injectable()
export class VendorSessionStrategy extends PassportStrategy(Strategy, 'vendor-session') {
  constructor(private readonly vendors: VendorAuthenticator) {
    super();
  }

  async validate(request: ApiRequest): Promise<VendorActor | null> {
    const cookie = readCookie(request, VENDOR_SESSION_COOKIE);
    if (request.network?.listener !== 'vendor' || !cookie || request.get('authorization') !== undefined) return null;
    return this.vendors.authenticate(cookie);
  }
}

/** One of the vendor's own systems, on the vendor's own network. */
@Injectable()
export class ServiceKeyStrategy extends PassportStrategy(Strategy, 'service-key') {
  constructor(private readonly keys: ServiceKeyAuthenticator) {
    super();
  }

  async validate(request: ApiRequest): Promise<ServiceKeyActor | null> {
    const key = BEARER.exec(request.get('authorization') ?? '')?.[1];
    return request.network?.listener === 'vendor' && key ? this.keys.authenticate(key) : null;
  }
}
