import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '#libs/kernel';
import type { ApiRequest } from '../http/api-request.ts';

export const REQUEST_LIMITS = Symbol('RequestLimits');

/** Requests a minute; the vendor's people count as members, its systems as keys. */
export interface RequestLimits {
  readonly perMember: number;
  readonly perKey: number;
}

/**
 * Global, after the access guard: what one member, key or vendor user may ask in a minute, wherever it comes from. A whole
 * city hall sits behind one address, so addresses are not counted. Counted in each process by itself: with n processes
 * the limit is up to n times as high, and no request waits for a store to be counted (docs/decisions/0024).
 */
@Injectable()
export class RequestLimitsGuard implements CanActivate {
  private readonly people: RateLimiterMemory;
  private readonly keys: RateLimiterMemory;

  constructor(@Inject(REQUEST_LIMITS) { perMember, perKey }: RequestLimits) {
    this.people = new RateLimiterMemory({ points: perMember, duration: 60 });
    this.keys = new RateLimiterMemory({ points: perKey, duration: 60 });
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const actor = context.switchToHttp().getRequest<ApiRequest>().user;
    if (!actor) return true;
    const limiter = actor.type === 'member' || actor.type === 'vendor' ? this.people : this.keys;
    try {
      await limiter.consume(actor.id);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new DomainError('IDENTITY.TOO_MANY_REQUESTS', { retryAfterSeconds: refusal.msBeforeNext / 1000 });
    }
  }
}
