import { describe, expect, it } from 'vitest';
import { CITY_TEXT, cityText, seeded } from './city-text.fixture.ts';
import { NumberGuard } from './number-guard.ts';

const SAMPLES = 5_000;

/** Twelve digits that nothing but the check digit tells from a 個人番号: one in ten has a valid one by chance, and is refused. */
const BARE_TWELVE = ['twelve digits without a word', 'a row of three four-digit numbers'];

/** Tables whose neighbours now and then line up as twelve digits. Every other kind is never refused. */
const REFUSED_AT_MOST: Record<string, number> = {
  'a column of plain numbers': 0.001,
  'a row of amounts': 0.003,
  'a row of plain numbers': 0.01,
};

const refusedShare = (kind: string): number => {
  const random = seeded(20261121);
  let refused = 0;
  for (let i = 0; i < SAMPLES; i++) {
    if (NumberGuard.inspect(`記\n${cityText(kind, random)}\n以上`).length > 0) refused++;
  }
  return refused / SAMPLES;
};

describe('NumberGuard over city text without a 個人番号', () => {
  it.each(Object.keys(CITY_TEXT).filter((kind) => !BARE_TWELVE.includes(kind)))(
    'refuses no more of %s than the README says',
    (kind) => {
      expect(refusedShare(kind)).toBeLessThanOrEqual(REFUSED_AT_MOST[kind] ?? 0);
    },
  );

  it.each(BARE_TWELVE)('refuses about one in ten of %s', (kind) => {
    expect(refusedShare(kind)).toBeGreaterThan(0.08);
    expect(refusedShare(kind)).toBeLessThan(0.12);
  });

  it('refuses at most one in a hundred pages made of one sample of every kind but the bare twelve digits', () => {
    const kinds = Object.keys(CITY_TEXT).filter((kind) => !BARE_TWELVE.includes(kind));
    const random = seeded(42);
    const pages = Array.from({ length: 1_000 }, () => kinds.map((kind) => cityText(kind, random)).join('\n\n'));
    expect(pages.filter((page) => NumberGuard.inspect(page).length > 0).length / pages.length).toBeLessThanOrEqual(
      0.02,
    );
  });
});
