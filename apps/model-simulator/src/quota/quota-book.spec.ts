import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuotaBook } from './quota-book.ts';
import { quotasSchema } from './quota-settings.ts';

const KEY = 'tokyo/sonnet';

function bookWith(quota: object) {
  const clock = { ms: 0 };
  const book = new QuotaBook(quotasSchema.parse({ [KEY]: quota }), () => clock.ms);
  const meter = () => book.meterOf('tokyo', 'sonnet');
  const left = () => book.overview().items.find(({ key }) => key === KEY)?.left;
  return { clock, book, meter, left };
}

const burned = (inputTokens: number, outputTokens: number) => ({ inputTokens, outputTokens, cacheWriteTokens: 0 });

describe('a quota', () => {
  it('holds a minute’s worth at most and fills steadily', () => {
    const { clock, meter } = bookWith({ requestsPerMinute: 60 });
    for (let call = 0; call < 60; call += 1) expect(meter().take(1)).toBeDefined();
    expect(meter().take(1)).toBeUndefined();
    clock.ms += 999;
    expect(meter().take(1)).toBeUndefined();
    clock.ms += 1;
    expect(meter().take(1)).toBeDefined();
    clock.ms += 600_000;
    for (let call = 0; call < 60; call += 1) expect(meter().take(1)).toBeDefined();
    expect(meter().take(1)).toBeUndefined();
  });

  it('takes the worst case at the start and what was really burned at the end', () => {
    const { meter, left } = bookWith({ tokensPerMinute: 10_000, outputBurnDown: 5 });
    const settle = meter().take(4_000);
    expect(left()).toMatchObject({ tokens: 6_000 });
    settle?.(burned(200, 100));
    expect(left()).toMatchObject({ tokens: 9_300 });
  });

  it('may go below nothing when answers burn more than was taken, and then admits nobody until it is enough again', () => {
    const { clock, meter, left } = bookWith({ tokensPerMinute: 6_000, outputBurnDown: 5 });
    meter().take(2_000)?.(burned(1_000, 1_400));
    expect(left()).toMatchObject({ tokens: -2_000 });
    clock.ms += 20_000;
    expect(meter().take(1)).toBeUndefined();
    clock.ms += 10_000;
    expect(meter().take(1_000)).toBeDefined();
  });

  it('takes nothing of a call that it refuses', () => {
    const { meter, left } = bookWith({ requestsPerMinute: 10, tokensPerMinute: 100 });
    expect(meter().take(101)).toBeUndefined();
    expect(left()).toEqual({ requests: 10, tokens: 100 });
  });

  it('counts cache writes, and not what was taken too much', () => {
    const { book, meter } = bookWith({ tokensPerMinute: 1_000 });
    meter().take(500)?.({ inputTokens: 10, cacheWriteTokens: 20, outputTokens: 30 });
    meter().take(5_000);
    expect(book.overview().total).toEqual({ calls: 2, throttledCalls: 1, servedQuotaTokens: 60 });
  });

  it('can be halved and restored while it is in use', () => {
    const { clock, book, left } = bookWith({ tokensPerMinute: 60_000 });
    expect(book.scale(new Map([[KEY, 0.5]]))).toEqual([]);
    expect(left()).toMatchObject({ tokens: 30_000 });
    expect(book.scale(new Map([[KEY, 1]]))).toEqual([]);
    clock.ms += 10_000;
    expect(left()).toMatchObject({ tokens: 40_000 });
    expect(
      book.scale(
        new Map([
          [KEY, 0.5],
          ['osaka/sonnet', 0.5],
        ]),
      ),
    ).toEqual(['osaka/sonnet']);
    expect(left()).toMatchObject({ tokens: 40_000 });
  });

  it('is each region’s own, and none where none is set', () => {
    const { book, meter } = bookWith({ requestsPerMinute: 1 });
    meter().take(1);
    expect(meter().take(1)).toBeUndefined();
    for (let call = 0; call < 100; call += 1) expect(book.meterOf('osaka', 'sonnet').take(1e9)).toBeDefined();
  });

  it('never lets more begin in a window than it held and what filled since', () => {
    const steps = fc.array(fc.record({ wait: fc.nat(5_000), tokens: fc.integer({ min: 1, max: 900 }) }));
    fc.assert(
      fc.property(steps, (calls) => {
        const { clock, meter } = bookWith({ tokensPerMinute: 6_000, windowMs: 10_000 });
        let taken = 0;
        for (const { wait, tokens } of calls) {
          clock.ms += wait;
          if (meter().take(tokens)) taken += tokens;
        }
        expect(taken).toBeLessThanOrEqual(1_000 + clock.ms / 10 + 1e-6);
      }),
    );
  });
});
