import { DomainError, jstDayOf } from '#libs/kernel';
import type { Requester } from '../job.ts';

/**
 * A trial ends by itself: after its last day nothing new is accepted, and everything written stays readable.
 * @throws DomainError TENANCY.TRIAL_ENDED
 */
export function demandTrialGoesOn({ trialEndsOn }: Requester, now: Date): void {
  if (trialEndsOn && trialEndsOn < jstDayOf(now)) throw new DomainError('TENANCY.TRIAL_ENDED');
}
