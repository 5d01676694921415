import { describe, expect, it } from 'vitest';
import { askedAgainAfter } from './asked-again-after.ts';

describe('a batch on the screen', () => {
  it('is asked for again until it is known what all its calls have used', () => {
    expect(askedAgainAfter({ state: 'running', isUsageFinal: false })).toBe(2_000);
    expect(askedAgainAfter({ state: 'finished', isUsageFinal: false })).toBe(15_000);
    expect(askedAgainAfter({ state: 'finished', isUsageFinal: true })).toBe(false);
  });

  it('is not asked for again where nothing changes by itself', () => {
    expect(askedAgainAfter({ state: 'draft', isUsageFinal: false })).toBe(false);
    expect(askedAgainAfter(undefined)).toBe(false);
  });
});
