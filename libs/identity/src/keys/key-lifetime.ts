import { DomainError, jstDayRange } from '#libs/kernel';

/** Nobody remembers what a key of many years is for. */
const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

/**
 * When a key ends that works for the last time on a JST day (`YYYY-MM-DD`).
 * @throws DomainError REQUEST.INVALID for a day that is past or more than a year away
 */
export function keyEndsAfter(expiresOn: string, now: Date): Date {
  const endsAt = jstDayRange(expiresOn, expiresOn).end;
  const lifeMs = endsAt.getTime() - now.getTime();
  if (lifeMs > 0 && lifeMs <= LONGEST_DAYS * DAY_MS) return endsAt;
  throw new DomainError('REQUEST.INVALID', {
    faults: [{ pointer: '/expiresOn', message: '有効期限は、今日から1年以内の日にしてください。' }],
  });
}
