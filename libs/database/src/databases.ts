import { DataSource } from 'typeorm';
import { type Segment, type TenantId, isId, isSegment } from '#libs/kernel';
import { type TenantScope, TenantTransaction, Transaction } from './transaction.ts';

const SET_SCOPE = `SELECT set_config('app.tenant_id', $1, true), set_config('app.segment', $2, true)`;

async function inTransaction<Tx extends Transaction, Result>(
  dataSource: DataSource,
  open: (runner: ReturnType<DataSource['createQueryRunner']>) => Promise<Tx>,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    try {
      const result = await work(await open(runner));
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A lost connection cannot roll back; the server already has. The first error is the one to report.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
}

/** The app role. Every unit of work names its tenant and segment first; without them it throws (design law 2). */
export class TenantDatabase {
  constructor(private readonly dataSource: DataSource) {}

  run<Result>(scope: TenantScope, work: (tx: TenantTransaction) => Promise<Result>): Promise<Result> {
    if (!isId(scope.tenantId) || !isSegment(scope.segment))
      throw new Error('a tenant transaction needs a tenant and a segment');
    return inTransaction(
      this.dataSource,
      async (runner) => {
        await runner.query(SET_SCOPE, [scope.tenantId, scope.segment]);
        return new TenantTransaction(runner, scope);
      },
      work,
    );
  }

  /** The one question that may be asked before a tenant is known: which tenant has this municipality code. */
  async tenantIdByCode(code: string): Promise<TenantId | null> {
    const rows: { id: TenantId | null }[] = await this.dataSource.query('SELECT tenant_by_code($1) AS id', [code]);
    return rows[0]?.id ?? null;
  }
}

/** A role that works across cities on columns without content; what it may touch is decided by its grants. */
abstract class CrossTenantDatabase {
  constructor(private readonly dataSource: DataSource) {}

  run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return inTransaction(this.dataSource, async (runner) => new Transaction(runner), work);
  }

  /** One statement in its own transaction. */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return (await runner.query(sql, parameters, true)).records as Row[];
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

/** Lets a vendor transaction append to a chain or insert rows of the named city (or of the vendor itself). */
export async function actOn(tx: Transaction, tenantId: TenantId, segment: Segment | '' = ''): Promise<void> {
  await tx.query(SET_SCOPE, [tenantId, segment]);
}
