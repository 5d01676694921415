import { describe, expect, it } from 'vitest';
import { Coalesced } from './coalesced.ts';

/** Runs that end when told to. */
function scene(rest?: () => Promise<unknown>) {
  const runs: PromiseWithResolvers<void>[] = [];
  const coalesced = new Coalesced(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  }, rest);
  return { runs, coalesced };
}

const turn = () => new Promise(setImmediate);

describe('coalesced work', () => {
  it('begins when the turn ends, once for all who ask in it, and once for all who come while it runs', async () => {
    const { runs, coalesced } = scene();
    const first = Promise.all([coalesced.request(), Promise.resolve().then(() => coalesced.request())]);
    expect(runs).toHaveLength(0);
    await turn();
    const others = [coalesced.request(), coalesced.request()];
    await turn();
    expect(runs).toHaveLength(1);
    runs[0]!.resolve();
    await first;
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]!.resolve();
    await Promise.all(others);
    expect(runs).toHaveLength(2);
  });

  it('does not fail for those who wait for the next run', async () => {
    const { runs, coalesced } = scene();
    const first = coalesced.request();
    await turn();
    const next = coalesced.request();
    runs[0]!.reject(new Error('this run only'));
    await expect(first).rejects.toThrow('this run only');
    await turn();
    runs[1]!.resolve();
    await expect(next).resolves.toBeUndefined();
  });

  it('takes in who comes while it rests between two runs, and rests before nobody who is alone', async () => {
    const rested = Promise.withResolvers<void>();
    const { runs, coalesced } = scene(() => rested.promise);
    const first = coalesced.request();
    await turn();
    const waiting = coalesced.request();
    runs[0]!.resolve();
    await first;
    await turn();
    const late = coalesced.request();
    expect(runs).toHaveLength(1);
    rested.resolve();
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]!.resolve();
    await Promise.all([waiting, late]);
    const alone = coalesced.request();
    await turn();
    expect(runs).toHaveLength(3);
    runs[2]!.resolve();
    await alone;
  });

  it('does not rest where many wait', async () => {
    const { runs, coalesced } = scene(() => new Promise(() => undefined));
    void coalesced.request();
    await turn();
    const crowd = Array.from({ length: 8 }, () => coalesced.request());
    runs[0]!.resolve();
    await turn();
    expect(runs).toHaveLength(2);
    runs[1]!.resolve();
    await Promise.all(crowd);
  });
});
