export const BACKENDS = ['postgres', 'redis', 'redis-cluster'] as const;
export type Backend = (typeof BACKENDS)[number];

interface Choice {
  /** Value of --backend. */
  readonly asked: string | undefined;
  readonly counts: boolean;
  readonly hasRedis: boolean;
}

/**
 * What to run on, and what would have been run on with a redis-server.
 * @throws Error when a backend is unknown, or asked for by name and not to be had here
 */
export function backendsOf({ asked, counts, hasRedis }: Choice): { backends: Backend[]; leftOut: Backend[] } {
  const wanted = named(asked ?? (counts ? 'redis' : 'both'));
  const leftOut = hasRedis ? [] : wanted.filter((backend) => backend !== 'postgres');
  if (leftOut.length === 0) return { backends: wanted, leftOut };
  if (asked !== undefined)
    throw new Error(`--backend ${asked}: there is no redis-server on this machine (Debian package redis-server)`);
  return { backends: ['postgres'], leftOut };
}

function named(name: string): Backend[] {
  if (name === 'both') return ['postgres', 'redis'];
  const backend = BACKENDS.find((known) => known === name);
  if (!backend) throw new Error(`--backend is ${BACKENDS.join(', ')} or both`);
  return [backend];
}
