import { describe, expect, it } from 'vitest';
import { DomainError } from '#libs/kernel';
import { PurposeGate, guardPurpose } from './purpose-gate.ts';

const enabledPurposes = new Set(['juki', 'zei']);

describe('PurposeGate', () => {
  it.each([
    ['my_number', 'juki', { allowed: true }],
    ['my_number', undefined, { allowed: false, code: 'GUARD.PURPOSE_REQUIRED' }],
    ['my_number', 'fukushi', { allowed: false, code: 'GUARD.PURPOSE_NOT_ENABLED' }],
    ['my_number', '', { allowed: false, code: 'GUARD.PURPOSE_NOT_ENABLED' }],
    ['lgwan', undefined, { allowed: true }],
    ['lgwan', 'zei', { allowed: true }],
    ['lgwan', 'fukushi', { allowed: false, code: 'GUARD.PURPOSE_NOT_ENABLED' }],
    ['internet', undefined, { allowed: true }],
    ['internet', 'fukushi', { allowed: false, code: 'GUARD.PURPOSE_NOT_ENABLED' }],
  ] as const)('in %s judges %s as %j', (segment, purposeCode, verdict) => {
    expect(PurposeGate.judge({ segment, purposeCode, enabledPurposes })).toEqual(verdict);
  });

  it('lets nothing through the My Number segment of a city that has enabled no 事務', () => {
    const claim = { segment: 'my_number', purposeCode: 'juki', enabledPurposes: new Set<string>() } as const;
    expect(PurposeGate.judge(claim).allowed).toBe(false);
  });
});

describe('guardPurpose', () => {
  it('says at the field what to do, without repeating what was sent', () => {
    try {
      guardPurpose({ segment: 'my_number', purposeCode: 'x-secret', enabledPurposes });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ code: 'GUARD.PURPOSE_NOT_ENABLED', faults: [{ pointer: '/purposeCode' }] });
      expect(JSON.stringify(error)).not.toContain('x-secret');
    }
  });

  it('is silent when the job may go on', () => {
    expect(() => guardPurpose({ segment: 'lgwan', purposeCode: undefined, enabledPurposes })).not.toThrow();
  });
});
