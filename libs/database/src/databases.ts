import type { PoolClient } from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { type TenantId, isId, isSegment } from '#libs/kernel';
import { preparedName } from './prepared-name.ts';
import { type Prepare, SharedTransactions } from './shared-transactions.ts';
import {
  BulkTransaction,
  CrossTenantTransaction,
  type TenantScope,
  TenantTransaction,
  type Transaction,
} from './transaction.ts';

const watched = new WeakSet<PoolClient>();

/**
 * A lost connection tells so twice, and TypeORM stops listening after the first time: the second would end the process.
 * Whoever works on the connection hears of it from its own statement.
 */
async function connect(runner: QueryRunner): Promise<PoolClient> {
  const connection = (await runner.connect()) as PoolClient;
  if (!watched.has(connection)) connection.on('error', () => undefined);
  watched.add(connection);
  return connection;
}

async function inTransaction<Tx extends Transaction, Result>(
  dataSource: DataSource,
  open: (connection: PoolClient) => Tx,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    const tx = open(await connect(runner));
    try {
      const result = await work(tx);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      throw error;
    }
  } finally {
    await runner.release();
  }
}

/** The app role. Every unit of work names its tenant and segment first; without them it throws (design law 2). */
export class TenantDatabase {
  private readonly lanes = { writes: this.lane(), claims: this.lane(), reads: this.lane() };

  constructor(private readonly dataSource: DataSource) {}

  run<Result>(scope: TenantScope, work: (tx: TenantTransaction) => Promise<Result>): Promise<Result> {
    if (!isId(scope.tenantId) || !isSegment(scope.segment))
      throw new Error('a tenant transaction needs a tenant and a segment');
    return inTransaction(this.dataSource, (connection) => new TenantTransaction(connection, scope), work);
  }

  /**
   * Small work of which a city has much at once: shares a transaction with what else arrives for that city meanwhile. A
   * refusal is its own; what else fails is tried again alone.
   * @param lane work of another lane is not shared with and not waited for: what only reads waits for no disk, and what
   *   takes rows while it prepares keeps away from those who hold a budget
   */
  together<Result>(
    scope: TenantScope,
    prepare: Prepare<Result>,
    lane: keyof typeof this.lanes = 'writes',
  ): Promise<Result> {
    return this.lanes[lane].join(scope, prepare);
  }

  /** The one question that may be asked before a tenant is known: which tenant has this municipality code. */
  async tenantIdByCode(code: string): Promise<TenantId | null> {
    const rows: { id: TenantId | null }[] = await this.dataSource.query('SELECT tenant_by_code($1) AS id', [code]);
    return rows[0]?.id ?? null;
  }

  private lane(): SharedTransactions {
    return new SharedTransactions((scope, work) => this.run(scope, work));
  }
}

/** A role that works across cities on columns without content; what it may touch is decided by its grants. */
abstract class CrossTenantDatabase {
  constructor(private readonly dataSource: DataSource) {}

  run<Result>(work: (tx: CrossTenantTransaction) => Promise<Result>): Promise<Result> {
    return inTransaction(this.dataSource, (connection) => new CrossTenantTransaction(connection), work);
  }

  /**
   * One statement in its own transaction.
   * @param silenceMs where it cannot wait as long as others: after how long without an answer it fails and its connection is given up
   */
  async query<Row>(sql: string, parameters: unknown[] = [], silenceMs?: number): Promise<Row[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const connection = await connect(runner);
      const statement = { name: preparedName(sql), text: sql, values: parameters, query_timeout: silenceMs };
      return (await connection.query(statement)).rows as Row[];
    } finally {
      await runner.release();
    }
  }
}

/** Queue columns only. */
export class AdmissionDatabase extends CrossTenantDatabase {}

/** Vendor operations: metadata only. */
export class OpsDatabase extends CrossTenantDatabase {}

/** Vendor finance: usage, prices, invoices. */
export class FinanceDatabase extends CrossTenantDatabase {}

/** Removes what is left of a city that leaves: it sees rows of a city whose deletion has begun, and of no other. */
export class ExitDatabase extends CrossTenantDatabase {}

/** Vendor finance where it takes in files: connections of its own, on which a statement may take minutes. */
export class BulkDatabase {
  constructor(private readonly dataSource: DataSource) {}

  run<Result>(work: (tx: BulkTransaction) => Promise<Result>): Promise<Result> {
    return inTransaction(this.dataSource, (connection) => new BulkTransaction(connection), work);
  }
}
