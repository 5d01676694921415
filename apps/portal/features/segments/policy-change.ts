import type { SegmentPolicy, SegmentPolicyChange } from '#libs/api-client';

/** A policy as the form holds it: what is typed stays as it is typed. */
export interface PolicyDraft extends Omit<SegmentPolicy, 'addressRanges' | 'retentionDays'> {
  /** One range a line. */
  readonly ranges: string;
  readonly isLimited: boolean;
  readonly days: string;
}

export const draftOf = ({ addressRanges, retentionDays, ...policy }: SegmentPolicy): PolicyDraft => ({
  ...policy,
  ranges: addressRanges.join('\n'),
  isLimited: retentionDays !== null,
  days: String(retentionDays ?? 365),
});

const LONGEST_DAYS = 3_650;

/** Null when the days are no number the API would take. */
export function policyOf({ ranges, isLimited, days, ...draft }: PolicyDraft): SegmentPolicy | null {
  const retentionDays = isLimited ? Number(days) : null;
  if (
    retentionDays !== null &&
    !(Number.isInteger(retentionDays) && retentionDays >= 1 && retentionDays <= LONGEST_DAYS)
  )
    return null;
  return {
    ...draft,
    addressRanges: ranges.split(/[\s,、]+/).filter(Boolean),
    retentionDays,
  };
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** What is to be sent: the fields that differ. */
export function changeBetween(before: SegmentPolicy, after: SegmentPolicy): SegmentPolicyChange {
  const fields = ['open', 'addressRanges', 'models', 'attachments', 'takeOut', 'retentionDays', 'mfa'] as const;
  return Object.fromEntries(
    fields.filter((name) => !same(before[name], after[name])).map((name) => [name, after[name]]),
  );
}

/** Shorter than it was: words that are old by then go for good. */
export const keepsLess = (before: SegmentPolicy, after: SegmentPolicy): boolean =>
  after.retentionDays !== null && after.retentionDays < (before.retentionDays ?? Infinity);
