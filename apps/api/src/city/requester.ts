import type { CityActor } from '#libs/identity';
import type { Requester } from '#libs/jobs';

/** How the jobs domain sees whoever is asking. */
export const requesterOf = (actor: CityActor): Requester =>
  actor.type === 'member'
    ? { scope: actor.scope, memberId: actor.id, apiKeyId: null, departmentId: actor.department?.id ?? null }
    : { scope: actor.scope, memberId: null, apiKeyId: actor.id, departmentId: null };
