import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AccessRefusals, type Actor, type SessionStage, StepUps } from '#libs/identity';
import { Deadline, DomainError } from '#libs/kernel';
import { extendContext } from '#libs/observability';
import type { ApiRequest } from '../http/api-request.ts';
import { ACCESS, type Access, STAGES, STEP_UP } from './permission.ts';
import { StrategyGuard } from './strategy-guard.ts';

/** Of the two seconds in which everybody is answered, also when the database is not there to say who they are. */
const RECOGNISE_WITHIN_MS = 700;

/** What opens the city's plane: a member's session or an API key. */
@Injectable()
export class CityCredentialsGuard extends StrategyGuard.of('member-session', 'api-key') {}

/** What opens the vendor's plane: a session of one of its people or a service key. */
@Injectable()
export class VendorCredentialsGuard extends StrategyGuard.of('vendor-session', 'service-key') {}

/** Global: authenticates by the plane the request came in through, then asks for the permission the route declares. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly city: CityCredentialsGuard,
    private readonly vendor: VendorCredentialsGuard,
    private readonly refusals: AccessRefusals,
    private readonly stepUps: StepUps,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<Access | undefined>(ACCESS, context.getHandler());
    if (access === undefined) throw new Error('a route declares no permission');
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<ApiRequest>();
    await this.recognise(request, context);
    const actor = request.user;
    if (!actor) throw new DomainError('IDENTITY.UNAUTHENTICATED');
    if ('scope' in actor) extendContext({ tenantId: actor.scope.tenantId });
    this.assertStage(actor, context);
    if (!actor.permissions.has(access)) {
      await this.refusals.record(actor, { permission: access });
      throw new DomainError('IDENTITY.FORBIDDEN');
    }
    if (this.reflector.get<boolean | undefined>(STEP_UP, context.getHandler())) await this.stepUps.assertFresh(actor);
    return true;
  }

  private assertStage(actor: Actor, context: ExecutionContext): void {
    if (!('stage' in actor)) return;
    const stages = this.reflector.get<SessionStage[] | undefined>(STAGES, context.getHandler()) ?? ['whole'];
    if (!stages.includes(actor.stage)) throw new DomainError('IDENTITY.SECOND_FACTOR_REQUIRED');
  }

  private async recognise(request: ApiRequest, context: ExecutionContext): Promise<void> {
    const guard = request.network?.listener === 'vendor' ? this.vendor : this.city;
    const deadline = new Deadline(RECOGNISE_WITHIN_MS);
    try {
      await deadline.orRefuse(Promise.resolve(guard.canActivate(context)));
    } finally {
      deadline.end();
    }
  }
}
