import { Client } from 'pg';
import { PostgresServer } from '../services/postgres.ts';
import type { Home, Secrets } from './home.ts';
import { Refusal } from '../lib/root.mjs';

const DATABASE = 'moyai';
/** Migrates here with no more rights than a managed database would give: it may create roles and owns the database, that is all. */
const MIGRATOR = 'moyai_migrator';
const LOGIN_ROLES = ['app', 'admission', 'ops', 'finance', 'exit'] as const;

export type DatabaseUrls = Readonly<Record<'owner' | (typeof LOGIN_ROLES)[number], string>>;

/** Where the record lives: a server of our own, or the one DATABASE_URL names. */
export interface Database {
  readonly urls: DatabaseUrls;
  /** Undefined for a server that is not ours to stop. */
  readonly server: PostgresServer | undefined;
}

/** Starts the embedded server, or takes the real one, and makes sure that there is a database to migrate. */
export async function openDatabase(home: Home, secrets: Secrets, given: NodeJS.ProcessEnv): Promise<Database> {
  if (given.DATABASE_URL) return { urls: urlsFor(given.DATABASE_URL, secrets, given), server: undefined };
  const server = await startEmbedded(home, secrets);
  await createDatabase(server, secrets);
  const owner = new URL(server.url(DATABASE));
  owner.username = MIGRATOR;
  owner.password = secrets.rolePassword;
  return { urls: urlsFor(owner.href, secrets, {}), server };
}

/** @param port of an earlier start in this run, so that the processes that know it find the server again */
export const startEmbedded = (home: Home, secrets: Secrets, port?: number): Promise<PostgresServer> =>
  PostgresServer.start({
    dataDirectory: home.path('postgres'),
    logFile: home.path('logs', 'postgres.log'),
    password: secrets.databasePassword,
    port,
    settings: {
      max_connections: '200',
      shared_buffers: '256MB',
      max_wal_size: '2GB',
      // A new installation plans its statements on empty tables: soon enough it must learn what is in them. And the line of
      // waiting jobs is rewritten all the time.
      autovacuum_naptime: '5s',
    },
  });

async function createDatabase(server: PostgresServer, secrets: Secrets): Promise<void> {
  await withClient(server.url('postgres'), async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount !== 0) return;
    await client.query(`DROP ROLE IF EXISTS ${MIGRATOR}`);
    const password = client.escapeLiteral(secrets.rolePassword);
    await client.query(`CREATE ROLE ${MIGRATOR} LOGIN CREATEROLE PASSWORD ${password}`);
    await client.query(`CREATE DATABASE ${DATABASE} OWNER ${MIGRATOR}`);
  });
}

function urlsFor(owner: string, secrets: Secrets, given: NodeJS.ProcessEnv): DatabaseUrls {
  const of = (role: (typeof LOGIN_ROLES)[number]): string => {
    const written = given[`DATABASE_${role.toUpperCase()}_URL`];
    if (written) return written;
    const url = new URL(owner);
    url.username = `moyai_${role}`;
    url.password = secrets.rolePassword;
    return url.href;
  };
  return {
    owner,
    app: of('app'),
    admission: of('admission'),
    ops: of('ops'),
    finance: of('finance'),
    exit: of('exit'),
  };
}

/** Lets the product's roles sign in. Roles whose addresses the operator wrote himself are left as they are. */
export async function openRoles(urls: DatabaseUrls, secrets: Secrets, given: NodeJS.ProcessEnv): Promise<void> {
  const ours = LOGIN_ROLES.filter((role) => !(given.DATABASE_URL && given[`DATABASE_${role.toUpperCase()}_URL`]));
  await withClient(urls.owner, async (client) => {
    for (const role of ours) {
      await client.query(`ALTER ROLE moyai_${role} LOGIN PASSWORD ${client.escapeLiteral(secrets.rolePassword)}`);
    }
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const where = new URL(url);
    throw new Refusal(
      `データベース ${where.hostname}:${where.port || '5432'} に接続できません（${(error as Error).message}）。DATABASE_URL を確かめてください。`,
    );
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
