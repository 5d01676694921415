import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DomainError,
  fiscalYearOf,
  isMunicipalityCode,
  jstDayOf,
  jstDayRange,
  jstMonthOf,
  jstMonthRange,
  tenantId,
} from './index.ts';

describe('a municipality code', () => {
  it.each(['292010', '401005', '131016'])('%s is valid', (code) => expect(isMunicipalityCode(code)).toBe(true));

  it.each(['292011', '29201', '2920100', '29201a', '２９２０１０', ''])('%j is not', (code) =>
    expect(isMunicipalityCode(code)).toBe(false),
  );

  it('has exactly one valid check digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), (number) => {
        const five = String(number).padStart(5, '0');
        const valid = [...'0123456789'].filter((digit) => isMunicipalityCode(five + digit));
        expect(valid).toHaveLength(1);
      }),
    );
  });
});

describe('the JST calendar', () => {
  it('starts a month at 15:00Z of the day before', () => {
    expect(jstMonthOf(new Date('2026-03-31T14:59:59.999Z'))).toBe('2026-03');
    expect(jstMonthOf(new Date('2026-03-31T15:00:00.000Z'))).toBe('2026-04');
    expect(jstDayOf(new Date('2026-12-31T15:00:00Z'))).toBe('2027-01-01');
  });

  it('puts every instant inside the range of its own month, in whatever order instants are asked for', () => {
    const instants = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.array(instants, { minLength: 1, maxLength: 5 }), (times) => {
        for (const at of times) {
          const { start, end } = jstMonthRange(jstMonthOf(at));
          expect(start.getTime()).toBeLessThanOrEqual(at.getTime());
          expect(end.getTime()).toBeGreaterThan(at.getTime());
        }
      }),
    );
  });

  it('covers both days of a range', () => {
    expect(jstDayRange('2026-04-01', '2026-04-01')).toEqual({
      start: new Date('2026-03-31T15:00:00Z'),
      end: new Date('2026-04-01T15:00:00Z'),
    });
  });

  it('begins a fiscal year on 1 April in Japan', () => {
    expect(fiscalYearOf(new Date('2026-03-31T14:59:59Z'))).toBe(2025);
    expect(fiscalYearOf(new Date('2026-03-31T15:00:00Z'))).toBe(2026);
  });
});

it('takes nothing but a UUID for a tenant', () => {
  expect(() => tenantId("x'; DROP TABLE tenants")).toThrow(RangeError);
});

it('tells whose move is next by the code of an error alone', () => {
  expect(new DomainError('METERING.BUDGET_EXHAUSTED').kind).toBe('exhausted');
});
