import { describe, expect, it } from 'vitest';
import { ActorCache } from './actor-cache.ts';

const actor = (id: string) => ({ id });

describe('the memory of credentials', () => {
  it('asks once for a credential that is used often', async () => {
    const cache = new ActorCache();
    let asked = 0;
    const load = () => Promise.resolve(actor(String((asked += 1))));
    expect([await cache.get('a', load), await cache.get('a', load)]).toEqual([actor('1'), actor('1')]);
  });

  it('asks once although many need the answer at once', async () => {
    const cache = new ActorCache();
    let asked = 0;
    const load = () => Promise.resolve(actor(String((asked += 1))));
    const answers = await Promise.all(Array.from({ length: 200 }, () => cache.get('a', load)));
    expect(new Set(answers)).toEqual(new Set([actor('1')]));
    expect(asked).toBe(1);
  });

  it('asks again for whoever comes after it was told to forget', async () => {
    const cache = new ActorCache();
    const { promise, resolve } = Promise.withResolvers<{ id: string }>();
    const asking = cache.get('a', () => promise);
    cache.drop(({ id }) => id === 'a');
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull();
    resolve(actor('a'));
    await asking;
  });

  it('forgets who is named, and nobody else', async () => {
    const cache = new ActorCache();
    for (const id of ['a', 'b']) await cache.get(id, () => Promise.resolve(actor(id)));
    cache.drop(({ id }) => id === 'a');
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull();
    expect(await cache.get('b', () => Promise.resolve(null))).toEqual(actor('b'));
  });

  it('does not remember an answer that was on its way while it was told to forget', async () => {
    const cache = new ActorCache();
    const { promise, resolve } = Promise.withResolvers<{ id: string }>();
    const asking = cache.get('a', () => promise);
    cache.drop(({ id }) => id === 'a');
    resolve(actor('a'));
    expect(await asking).toEqual(actor('a'));
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull();
  });

  it('does not remember that nobody was found: a key works from the moment it is made', async () => {
    const cache = new ActorCache();
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull();
    expect(await cache.get('a', () => Promise.resolve(actor('a')))).toEqual(actor('a'));
  });
});
