import type { ErrorCode } from '#libs/kernel';

/** What a status other than success says of a request: whoever answers with one has not begun. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 429) return 'MODEL.THROTTLED';
  // 401, 403, 404 and an address that moved are our set-up's fault, not the request's: another deployment may still answer it.
  if (status < 400 || [401, 403, 404].includes(status) || status >= 500) return 'MODEL.UNAVAILABLE';
  return 'MODEL.REFUSED';
}
