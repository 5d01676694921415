import { DataSource, type MixedList } from 'typeorm';

/**
 * A pool for one database role.
 * @param url login of that role
 * @param poolSize connections kept at most
 * @param options.durableCommit false only where a forgotten commit is made again from other rows
 */
export function createDataSource(
  url: string,
  poolSize: number,
  { durableCommit = true }: { durableCommit?: boolean } = {},
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    // The schema comes from migrations/ alone.
    synchronize: false,
    logging: false,
    poolSize,
    extra: {
      // Statements travel without waiting for the answer to the one before (see Transaction).
      pipeline: true,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 60_000,
      // A statement that hangs must not hold a city's audit chain; migrations use their own connection.
      options: `-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000${durableCommit ? '' : ' -c synchronous_commit=off'}`,
    },
  });
}

/** The connection migrations run on. */
export function createOwnerDataSource(url: string, migrations: MixedList<new () => object>): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    migrations: migrations as never,
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    poolSize: 1,
  });
}
