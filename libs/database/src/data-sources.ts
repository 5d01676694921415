import { DataSource, type MixedList } from 'typeorm';

/** People who wait are answered within two seconds: better that it cannot be done now than late. Workers try again. */
const CONNECTION_WAIT_MS = 1_500;
/** A page of the vendor's finance is several long looks at all cities: its few people rather wait for one another. */
export const PAGE_WAIT_MS = 10_000;
const LOCK_WAIT_MS = 1_500;
const STATEMENT_MS = 30_000;
/** Whatever PostgreSQL still answers comes before this; behind it the connection is dead, and nobody else would say so. */
const SILENCE_MS = STATEMENT_MS + 10_000;
/** A connection that nothing is asked on: twenty seconds in all until a dead one is known as such. */
const KEEP_ALIVE_MS = 10_000;
/** A file comes as fast as its sender's line. */
const BULK_STATEMENT_MS = 600_000;
/** Nothing here waits inside a transaction but a process that was paused, and it must not hold up a city meanwhile. */
const IDLE_TRANSACTION_MS = 3_000;

interface DataSourceOptions {
  readonly durableCommit?: boolean;
  readonly bulk?: boolean;
  readonly connectionWaitMs?: number;
  readonly silenceMs?: number;
}

/**
 * A pool for one database role.
 * @param url login of that role
 * @param poolSize connections kept at most
 * @param options.durableCommit false only where a forgotten commit is made again from other rows
 * @param options.connectionWaitMs how long to wait for a free connection
 * @param options.bulk for COPY, which cannot share a pipelined connection, and for statements that take minutes
 * @param options.silenceMs after how long without an answer a connection is given up; Infinity where work allows itself
 *   statements of an hour
 */
export function createDataSource(
  url: string,
  poolSize: number,
  {
    durableCommit = true,
    bulk = false,
    connectionWaitMs = CONNECTION_WAIT_MS,
    silenceMs = bulk ? Infinity : SILENCE_MS,
  }: DataSourceOptions = {},
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
      pipeline: !bulk,
      connectionTimeoutMillis: connectionWaitMs,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      ...(Number.isFinite(silenceMs) && { query_timeout: silenceMs }),
      options: [
        `statement_timeout=${bulk ? BULK_STATEMENT_MS : STATEMENT_MS}`, // migrations use their own connection
        // Statements are prepared once; planning one again for its values has never paid here and costs as much as running
        // it. A file's statement is planned for that file; the look-ups behind its rows must not be, row by row.
        ...(bulk ? [] : ['plan_cache_mode=force_generic_plan']),
        `lock_timeout=${LOCK_WAIT_MS}`,
        `idle_in_transaction_session_timeout=${IDLE_TRANSACTION_MS}`,
        ...(durableCommit ? [] : ['synchronous_commit=off']),
      ]
        .map((setting) => `-c ${setting}`)
        .join(' '),
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
