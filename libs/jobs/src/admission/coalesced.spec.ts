import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Coalesced } from './coalesced.ts';

const TOOK_MS = 4;

/** Runs that end when told to; a guest waits for company as long as a run took, a porter three times as long. */
function scene() {
  const runs: { readonly causes: string; readonly end: PromiseWithResolvers<void> }[] = [];
  const work = (causes: ReadonlySet<string>) => {
    const end = Promise.withResolvers<void>();
    runs.push({ causes: [...causes].join(' '), end });
    return end.promise;
  };
  const coalesced = new Coalesced<'guest' | 'porter'>(work, { guest: 1, porter: 3 });
  const last = () => runs.at(-1)!.end;
  return {
    coalesced,
    runs: () => runs.map(({ causes }) => causes),
    fail: (error: Error) => last().reject(error),
    async end() {
      await vi.advanceTimersByTimeAsync(TOOK_MS);
      last().resolve();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const turn = () => pass(0);

describe('coalesced work', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('begins when the turn ends, once for all who ask in it, and once for all who come while it runs', async () => {
    const { runs, coalesced, end } = scene();
    const first = Promise.all([coalesced.request('guest'), Promise.resolve().then(() => coalesced.request('porter'))]);
    expect(runs()).toEqual([]);
    await turn();
    const others = Promise.all([coalesced.request('guest'), coalesced.request('guest')]);
    await turn();
    expect(runs()).toEqual(['guest porter']);
    await end();
    await first;
    await pass(TOOK_MS);
    expect(runs()).toEqual(['guest porter', 'guest']);
    await end();
    await others;
    await pass(1_000);
    expect(runs()).toHaveLength(2);
  });

  it('does not fail for those who wait for the next run', async () => {
    const { runs, coalesced, end, fail } = scene();
    const first = coalesced.request('guest');
    await turn();
    const next = coalesced.request('guest');
    fail(new Error('this run only'));
    await expect(first).rejects.toThrow('this run only');
    await turn();
    expect(runs()).toHaveLength(2);
    await end();
    await expect(next).resolves.toBeUndefined();
  });

  it('rests after a run for as long as its cause says, and takes in who comes meanwhile', async () => {
    const { runs, coalesced, end } = scene();
    void coalesced.request('porter');
    await turn();
    await end();
    const early = coalesced.request('porter');
    await pass(2 * TOOK_MS);
    const late = coalesced.request('porter');
    await pass(TOOK_MS - 1);
    expect(runs()).toHaveLength(1);
    await pass(1);
    expect(runs()).toHaveLength(2);
    await end();
    await Promise.all([early, late]);
  });

  it('lets nobody rest who comes long after the last run', async () => {
    const { runs, coalesced, end } = scene();
    void coalesced.request('porter');
    await turn();
    await end();
    await pass(3 * TOOK_MS);
    void coalesced.request('porter');
    await turn();
    expect(runs()).toHaveLength(2);
  });

  it('begins at once for who waits less, with those who would wait longer', async () => {
    const { runs, coalesced, end } = scene();
    void coalesced.request('porter');
    await turn();
    await end();
    const patient = coalesced.request('porter');
    const hasty = coalesced.request('guest');
    await turn();
    expect(runs()).toEqual(['porter', 'porter guest']);
    await end();
    await Promise.all([patient, hasty]);
  });

  it('does not rest where many wait', async () => {
    const { runs, coalesced, end } = scene();
    void coalesced.request('guest');
    await turn();
    const crowd = Array.from({ length: 8 }, () => coalesced.request('guest'));
    await end();
    expect(runs()).toHaveLength(2);
    await end();
    await Promise.all(crowd);
  });

  it('rests no longer than is bearable after a run that took long', async () => {
    const { runs, coalesced, end } = scene();
    void coalesced.request('guest');
    await turn();
    await pass(60_000);
    await end();
    void coalesced.request('guest');
    await pass(20);
    expect(runs()).toHaveLength(2);
  });
});
