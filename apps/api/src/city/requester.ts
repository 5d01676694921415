import type { CityActor } from '#libs/identity';
import type { Requester } from '#libs/jobs';

/** How the jobs domain sees whoever is asking. */
export const requesterOf = ({ scope, policy: { models }, ...actor }: CityActor): Requester =>
  actor.type === 'member'
    ? { scope, models, memberId: actor.id, apiKeyId: null, departmentId: actor.department?.id ?? null }
    : { scope, models, memberId: null, apiKeyId: actor.id, departmentId: null };
