import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const deployed = (file: string): string => read(`../../../deploy/${file}`);
const namesIn = (text: string): string[] => [...new Set(text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g))];

const compose = deployed('compose.yaml');
/** How a machine that needs a way out for the api is described; laid over compose.yaml. */
const outside = deployed('compose.outside.yaml');
const isTakenFromEnvironment = (name: string): boolean => compose.includes(`\${${name}`);

const sources = readdirSync(new URL('.', import.meta.url))
  .filter((file) => !file.endsWith('.spec.ts'))
  .map((file) => read(file))
  .join('\n');

/** What stands under the name of a service. */
const service = (name: string, file = compose): string =>
  new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n|  #.*\\n)*)`, 'm').exec(file)?.[1] ?? '';
const networksOf = (name: string, file = compose): string[] =>
  / networks: \[(.*)\]/.exec(service(name, file))?.[1]?.split(', ') ?? [];
/** A setting's value where .env does not say otherwise. */
const standard = (name: string, text: string): number => Number(new RegExp(`\\$\\{${name}:-(\\d+)`).exec(text)?.[1]);

it('can be set in .env, whatever the operator is told to set', () => {
  const known = new Set(namesIn(sources));
  // Of the same file: volumes, and the port that Prometheus asks
  const fixed = ['KEY_DIRECTORY', 'AUDIT_ANCHOR_FILE', 'METRICS_PORT'];
  const told = namesIn(deployed('README.md') + deployed('exit.md')).filter((name) => known.has(name));
  expect(told.length).toBeGreaterThan(20);
  expect(
    told.filter((name) => !/^DATABASE_\w+_URL$/.test(name) && !fixed.includes(name) && !isTakenFromEnvironment(name)),
  ).toEqual([]);
});

it('is heeded, whatever .env.example offers', () => {
  const offered = [...deployed('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
  expect(offered.length).toBeGreaterThan(10);
  expect(offered.filter((name) => name !== 'COMPOSE_FILE' && !isTakenFromEnvironment(name))).toEqual([]);
});

it('passes every setting that a process reads', () => {
  // The port of streams is any that is free, as every worker has an address of its own
  const free = ['WORKER_STREAM_PORT', 'TLS_PROTOCOL'];
  const settings = [...sources.matchAll(/\b([A-Z]+(?:_[A-Z]+)+)(?::|,$| \})/gm)].map(([, name]) => name!);
  expect(new Set(settings).size).toBeGreaterThan(50);
  const passed = (name: string) => new RegExp(`\\b${name}[:=]`).test(compose);
  expect([...new Set(settings)].filter((name) => !free.includes(name) && !passed(name))).toEqual([]);
});

it('gives what is to stop more time than it takes', () => {
  // What follows the drain: an api's last words and the end of its connections; a worker's farewell
  for (const [name, drain, farewellSeconds] of [
    ['api', 'API_DRAIN_MS', 5],
    ['worker', 'WORKER_DRAIN_MS', 10],
  ] as const) {
    const grace = standard(`${name.toUpperCase()}_STOP_GRACE_SECONDS`, service(name));
    expect(grace).toBeGreaterThan(standard(drain, service(name)) / 1_000 + farewellSeconds);
  }
  expect(service('postgres')).toContain('stop_grace_period: 2m');
});

it('waits for a database and a Redis that serve, not for ones that are being made or loaded', () => {
  // While its files are made PostgreSQL answers on its socket alone; a Redis that loads answers with an error
  expect(service('postgres')).toContain('pg_isready, --host=127.0.0.1');
  expect(service('redis')).toContain('redis-cli, -e, ping');
});

it('starts processes that read and write the database after its migrations and passwords', () => {
  expect(service('migrate')).toContain('postgres: { condition: service_healthy }');
  expect(service('roles')).toContain('migrate: { condition: service_completed_successfully }');
  for (const name of ['api', 'worker'])
    expect(service(name)).toContain('roles: { condition: service_completed_successfully }');
});

it('has connections for as many processes as the guide starts', () => {
  const [, workers, apis] = /--scale worker=(\d+) --scale api=(\d+)/.exec(deployed('README.md'))!;
  const told = Number(/既定の設定で api 2 台・worker 3 台なら (\d+) です/.exec(deployed('README.md'))?.[1]);
  expect([workers, apis, told]).toEqual(['3', '2', 2 * (10 + 4 + 4 + 5) + 3 * (10 + 4 + 5 + 4)]);
  expect(standard('POSTGRES_MAX_CONNECTIONS', service('postgres'))).toBeGreaterThan(told);
});

it('lets the worker out, the api where its file is laid over, and neither database nor portal', () => {
  expect([...compose.matchAll(/^  (\w+): \{ internal: true \}$/gm)].map(([, name]) => name)).toEqual([
    'inside',
    'data',
    'watch',
  ]);
  expect(networksOf('api')).toEqual(['data', 'inside', 'watch']);
  expect(networksOf('worker')).toEqual(['data', 'inside', 'outside', 'watch']);
  expect(networksOf('api', outside)).toEqual([...networksOf('api'), 'outside']);
  expect([...outside.matchAll(/^  (\w+):/gm)].map(([, name]) => name)).toEqual(['api']);
  for (const name of ['postgres', 'redis', 'migrate', 'roles', 'portal'])
    expect(networksOf(name)).not.toEqual(expect.arrayContaining([expect.stringMatching(/outside|edge/)]));
  // Wherever the guide sends the api to something outside, it says how
  expect(deployed('README.md').match(/compose\.outside\.yaml/g)!.length).toBeGreaterThanOrEqual(3);
  expect(deployed('exit.md')).toContain('compose.outside.yaml');
});
