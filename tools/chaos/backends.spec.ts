import { describe, expect, it } from 'vitest';
import { backendsOf } from './backends.ts';

describe('the backends that chaos runs on', () => {
  it('are PostgreSQL and Redis, or the one that is asked for', () => {
    const backends = (asked?: string, counts = false) => backendsOf({ asked, counts, hasRedis: true });
    expect(backends()).toEqual({ backends: ['postgres', 'redis'], leftOut: [] });
    expect(backends(undefined, true)).toEqual({ backends: ['redis'], leftOut: [] });
    expect(backends('both', true)).toEqual({ backends: ['postgres', 'redis'], leftOut: [] });
    expect(backends('redis-cluster')).toEqual({ backends: ['redis-cluster'], leftOut: [] });
    expect(() => backends('mysql')).toThrow('--backend is postgres, redis, redis-cluster or both');
  });

  it('are PostgreSQL alone, and said to be, where there is no redis-server', () => {
    const backends = (asked?: string, counts = false) => backendsOf({ asked, counts, hasRedis: false });
    for (const counts of [false, true])
      expect(backends(undefined, counts)).toEqual({ backends: ['postgres'], leftOut: ['redis'] });
    expect(backends('postgres')).toEqual({ backends: ['postgres'], leftOut: [] });
  });

  it.each(['redis', 'redis-cluster', 'both'])(
    'are refused where %s is asked for and there is no redis-server',
    (asked) => {
      expect(() => backendsOf({ asked, counts: false, hasRedis: false })).toThrow('there is no redis-server');
    },
  );
});
