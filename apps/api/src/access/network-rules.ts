import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessRefusals } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import type { SegmentPolicy, TakeOut } from '#libs/tenancy';
import type { ApiRequest } from '../http/api-request.ts';

export const NETWORK_RULE = 'moyai:network-rule';
/** What a route does that a city can forbid on a network. Copying happens in the browser, where nothing can forbid it. */
export type NetworkRule = Exclude<TakeOut, 'copy'> | 'attachments';

/** Content of people's work leaves as a file (`download`), or the city's records do (`export`). */
export const TakesOut = (kind: Exclude<TakeOut, 'copy'>) => SetMetadata<string, NetworkRule>(NETWORK_RULE, kind);

/** A file is brought in. */
export const BringsIn = () => SetMetadata<string, NetworkRule>(NETWORK_RULE, 'attachments');

const allows = (policy: SegmentPolicy, rule: NetworkRule): boolean =>
  rule === 'attachments' ? policy.attachments : policy.takeOut[rule];

/** Global, after the access guard: asks the policy of the network for what the route does. What is refused is recorded. */
@Injectable()
export class NetworkRulesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly refusals: AccessRefusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<NetworkRule | undefined>(NETWORK_RULE, context.getHandler());
    const actor = context.switchToHttp().getRequest<ApiRequest>().user;
    if (!rule || !actor || !('policy' in actor) || allows(actor.policy, rule)) return true;
    const code = rule === 'attachments' ? 'TENANCY.ATTACHMENTS_REFUSED' : 'TENANCY.TAKE_OUT_REFUSED';
    await this.refusals.record(actor, { code });
    throw new DomainError(code);
  }
}
