import { expect, test } from 'vitest';
import { fiscalYear, jstMonth, jstToday, monthsOfFiscalYear } from './jst.ts';

test('a JST month begins at 15:00Z of the previous day', () => {
  expect(jstToday(new Date('2026-03-31T14:59:59Z'))).toBe('2026-03-31');
  expect(jstMonth(new Date('2026-03-31T15:00:00Z'))).toBe('2026-04');
});

test('a fiscal year runs from April to March', () => {
  expect(fiscalYear('2026-03')).toBe(2025);
  expect(fiscalYear('2026-04')).toBe(2026);
  const months = monthsOfFiscalYear(2026);
  expect(months).toHaveLength(12);
  expect([months[0], months[8], months[9], months[11]]).toEqual(['2026-04', '2026-12', '2027-01', '2027-03']);
});
