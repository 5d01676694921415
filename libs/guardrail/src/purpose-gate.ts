import { DomainError, type Segment } from '#libs/kernel';

/** What a job says it is for, and what its city allows. */
export interface PurposeClaim {
  readonly segment: Segment;
  /** Code of the 事務 the job names. */
  readonly purposeCode: string | undefined;
  /** Codes of the 事務 the city has enabled. */
  readonly enabledPurposes: ReadonlySet<string>;
}

export type PurposeVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly code: 'GUARD.PURPOSE_REQUIRED' | 'GUARD.PURPOSE_NOT_ENABLED' };

const DETAILS = {
  'GUARD.PURPOSE_REQUIRED':
    '個人番号利用事務系では、どの事務のための利用かを選ぶ必要があります。事務を選んで、もう一度送信してください。',
  'GUARD.PURPOSE_NOT_ENABLED':
    '指定された事務は、この団体では有効になっていません。有効な事務を選ぶか、管理者に確認してください。',
} as const;

/** In the My Number segment a job names an enabled 事務; elsewhere it may, and then it must be an enabled one. */
export const PurposeGate = {
  judge({ segment, purposeCode, enabledPurposes }: PurposeClaim): PurposeVerdict {
    if (purposeCode === undefined) {
      return segment === 'my_number' ? { allowed: false, code: 'GUARD.PURPOSE_REQUIRED' } : { allowed: true };
    }
    return enabledPurposes.has(purposeCode) ? { allowed: true } : { allowed: false, code: 'GUARD.PURPOSE_NOT_ENABLED' };
  },
} as const;

/**
 * Lets a job through the purpose gate.
 * @throws DomainError GUARD.PURPOSE_REQUIRED or GUARD.PURPOSE_NOT_ENABLED, with a fault at `/purposeCode`.
 */
export function guardPurpose(claim: PurposeClaim): void {
  const verdict = PurposeGate.judge(claim);
  if (verdict.allowed) return;
  const detail = DETAILS[verdict.code];
  throw new DomainError(verdict.code, { detail, faults: [{ pointer: '/purposeCode', message: detail }] });
}
