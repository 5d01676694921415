import type { EntityManager, QueryRunner } from 'typeorm';
import type { Segment, TenantId } from '#libs/kernel';

/** Whose rows a piece of work may see: one municipality, one network segment. */
export interface TenantScope {
  readonly tenantId: TenantId;
  readonly segment: Segment;
}

/** An open database transaction. Repositories take one as their first argument; there is no query without it. */
export class Transaction {
  constructor(private readonly runner: QueryRunner) {}

  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** Runs one statement and returns its rows (also those of RETURNING). */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    const result = await this.runner.query(sql, parameters, true);
    return result.records as Row[];
  }
}

/** A transaction bound to one tenant and segment: row-level security shows and accepts only their rows. */
export class TenantTransaction extends Transaction {
  constructor(
    runner: QueryRunner,
    readonly scope: TenantScope,
  ) {
    super(runner);
  }
}
