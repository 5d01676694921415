import type { CityActor } from '#libs/identity';
import type { Requester } from '#libs/jobs';

/** How the jobs domain sees whoever is asking. */
export const requesterOf = ({ scope, trialEndsOn, policy: { models }, ...actor }: CityActor): Requester => ({
  scope,
  models,
  trialEndsOn,
  ...(actor.type === 'member'
    ? { memberId: actor.id, apiKeyId: null, departmentId: actor.department?.id ?? null }
    : { memberId: null, apiKeyId: actor.id, departmentId: null }),
});
