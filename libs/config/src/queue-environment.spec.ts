import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadConfig } from './load-config.ts';
import { queueEnvironment } from './queue-environment.ts';

const DATABASE_ADMISSION_URL = 'postgres://moyai_admission:p@db/moyai';
const read = (environment: Record<string, string>) =>
  loadConfig({ queue: queueEnvironment }, { DATABASE_ADMISSION_URL, ...environment }).queue;

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
  }
  return [];
}

describe('where the queue is', () => {
  it('is PostgreSQL when no Redis is named', () => {
    expect(read({})).toEqual({ backend: 'postgres', url: DATABASE_ADMISSION_URL });
  });

  it('is the one Redis that is named, with its numbered database', () => {
    expect(read({ REDIS_URL: 'redis://cache:6379/3' })).toEqual({ backend: 'redis', url: 'redis://cache:6379/3' });
  });

  it('is a cluster when several nodes are named', () => {
    expect(read({ REDIS_URL: 'rediss://u:p%40ss@a:7000, rediss://u:p%40ss@b' })).toEqual({
      backend: 'redis-cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      username: 'u',
      password: 'p@ss',
      tls: true,
    });
  });

  it('is a cluster behind its one address when the operator says so', () => {
    expect(read({ REDIS_URL: 'redis://[::1]:7000', REDIS_CLUSTER: 'true' })).toMatchObject({
      backend: 'redis-cluster',
      nodes: [{ host: '::1', port: 7000 }],
      tls: false,
    });
  });

  const WRONG: [Record<string, string>, string][] = [
    [{ REDIS_URL: 'redis://a,http://b' }, 'REDIS_URL: is redis://host:port'],
    [{ REDIS_URL: 'redis://a,' }, 'REDIS_URL: is redis://host:port'],
    [{ REDIS_URL: 'redis://a/1,redis://b' }, 'REDIS_URL: a cluster has database 0 alone'],
    [{ REDIS_URL: 'redis://u:one@a,redis://u:two@b' }, 'REDIS_URL: the nodes of one cluster share user'],
    [{ REDIS_URL: 'redis://a,rediss://b' }, 'REDIS_URL: the nodes of one cluster share user'],
    [
      { REDIS_URL: 'redis://a,redis://b', REDIS_CLUSTER: 'false' },
      'REDIS_CLUSTER: is false, but REDIS_URL names several',
    ],
    [{ REDIS_CLUSTER: 'true' }, 'REDIS_CLUSTER: is true, but REDIS_URL names no node'],
    [{ REDIS_URL: 'redis://a', REDIS_CLUSTER: 'yes' }, 'REDIS_CLUSTER: '],
  ];
  it.each(WRONG)('is refused in words that name the variable: %o', (environment, words) => {
    const faults = faultsOf(environment);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(words);
    expect(faults.join()).not.toMatch(/one@|two@/);
  });
});
