import { describe, expect, it } from 'vitest';
import type { SegmentPolicy } from '#libs/api-client';
import { changeBetween, draftOf, keepsLess, policyOf } from './policy-change.ts';

const POLICY: SegmentPolicy = {
  segment: 'lgwan',
  open: true,
  addressRanges: ['10.0.0.0/8'],
  models: null,
  attachments: true,
  takeOut: { copy: true, download: true, export: true },
  retentionDays: null,
  mfa: 'optional',
};

describe('a policy in the form', () => {
  it('comes out as it went in', () => {
    expect(policyOf(draftOf(POLICY))).toEqual(POLICY);
    expect(changeBetween(POLICY, policyOf(draftOf(POLICY))!)).toEqual({});
  });

  it('reads ranges by line, comma or space', () => {
    expect(
      policyOf({ ...draftOf(POLICY), ranges: ' 10.0.0.0/8\n\n2001:db8::/48、 192.0.2.1 ' })?.addressRanges,
    ).toEqual(['10.0.0.0/8', '2001:db8::/48', '192.0.2.1']);
  });

  it.each(['', '0', '1.5', '3651', '百'])('is not sent with %j days', (days) => {
    expect(policyOf({ ...draftOf(POLICY), isLimited: true, days })).toBeNull();
  });

  it('sends what differs and nothing else', () => {
    const after = { ...POLICY, retentionDays: 90, takeOut: { ...POLICY.takeOut, copy: false } };
    expect(changeBetween(POLICY, after)).toEqual({ retentionDays: 90, takeOut: after.takeOut });
  });

  it('knows when words would be erased earlier', () => {
    expect(keepsLess(POLICY, { ...POLICY, retentionDays: 90 })).toBe(true);
    expect(keepsLess({ ...POLICY, retentionDays: 90 }, { ...POLICY, retentionDays: 91 })).toBe(false);
    expect(keepsLess({ ...POLICY, retentionDays: 90 }, POLICY)).toBe(false);
  });
});
