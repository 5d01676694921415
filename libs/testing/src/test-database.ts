import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { providedServices } from './provided-services.ts';

/** Addresses of one database, by who signs in. */
export interface DatabaseUrls {
  /** Passes every row-level policy: for looking at what is really stored, never for the code under test. */
  readonly superuser: string;
  /** Runs migrations: may create roles, owns the database, is no superuser. */
  readonly owner: string;
  readonly app: string;
  readonly admission: string;
  readonly ops: string;
  readonly finance: string;
  readonly exit: string;
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly urls: DatabaseUrls;
  /** Ends every session on it and removes it. */
  drop(): Promise<void>;
}

/** A fresh, migrated database for one spec file: a copy of the template, in tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const services = providedServices();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(`CREATE DATABASE ${name} TEMPLATE ${services.templateDatabase} OWNER moyai_migrator`);
  const drop = () => asSuperuser(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { name, urls: urlsOf(name), drop, [Symbol.asyncDispose]: drop };
}

function urlsOf(database: string): DatabaseUrls {
  const { postgresUrl, rolePassword } = providedServices();
  const signedInAs = (role: string): string => {
    const url = new URL(`${postgresUrl}/${database}`);
    url.username = role;
    url.password = rolePassword;
    return url.href;
  };
  return {
    superuser: `${postgresUrl}/${database}`,
    owner: signedInAs('moyai_migrator'),
    app: signedInAs('moyai_app'),
    admission: signedInAs('moyai_admission'),
    ops: signedInAs('moyai_ops'),
    finance: signedInAs('moyai_finance'),
    exit: signedInAs('moyai_exit'),
  };
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new Client({ connectionString: `${providedServices().postgresUrl}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
