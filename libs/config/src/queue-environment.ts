import { z } from 'zod';

const TLS_PROTOCOL = 'rediss:';
const NOT_A_NODE = 'is redis://host:port, or rediss:// with TLS; the nodes of a cluster are separated by commas';

const redisUrls = z.string().transform((text, context) => {
  const written = text.split(',').map((part) => part.trim());
  const nodes = written.flatMap((part) => (/^rediss?:\/\//.test(part) && URL.canParse(part) ? [new URL(part)] : []));
  if (nodes.length === written.length) return nodes;
  context.addIssue(NOT_A_NODE);
  return z.NEVER;
});

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** What makes these addresses unusable as the nodes of one cluster; undefined when nothing does. */
function faultOfCluster(nodes: readonly URL[]): string | undefined {
  const login = ({ protocol, username, password }: URL) => JSON.stringify([protocol, username, password]);
  if (new Set(nodes.map(login)).size > 1) return 'the nodes of one cluster share user, password and TLS';
  if (nodes.some(({ pathname }) => !/^\/?0?$/.test(pathname))) return 'a cluster has database 0 alone';
  return undefined;
}

/**
 * Without REDIS_URL the queue and the signals use PostgreSQL. One address is a server of its own; several, or
 * REDIS_CLUSTER=true with the one address a managed cluster has, are where to ask for the nodes of a cluster.
 */
export const queueEnvironment = z
  .object({
    REDIS_URL: redisUrls.optional(),
    REDIS_CLUSTER: z.enum(['true', 'false']).optional(),
    DATABASE_ADMISSION_URL: postgresUrl,
  })
  .transform(({ REDIS_URL: nodes, REDIS_CLUSTER: said, DATABASE_ADMISSION_URL: url }, context) => {
    const refuse = (path: string, message: string): never => {
      context.addIssue({ code: 'custom', path: [path], message });
      return z.NEVER;
    };
    if (!nodes) {
      if (said === 'true') return refuse('REDIS_CLUSTER', 'is true, but REDIS_URL names no node');
      return { backend: 'postgres', url } as const;
    }
    if (said === 'false' && nodes.length > 1) return refuse('REDIS_CLUSTER', 'is false, but REDIS_URL names several');
    if (said !== 'true' && nodes.length === 1) return { backend: 'redis', url: nodes[0]!.href } as const;
    const fault = faultOfCluster(nodes);
    if (fault) return refuse('REDIS_URL', fault);
    const { username, password, protocol } = nodes[0]!;
    return {
      backend: 'redis-cluster',
      nodes: nodes.map(({ hostname, port }) => ({
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port || 6379),
      })),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      tls: protocol === TLS_PROTOCOL,
    } as const;
  });

export type QueueConfig = z.output<typeof queueEnvironment>;
export type RedisConfig = Exclude<QueueConfig, { backend: 'postgres' }>;
