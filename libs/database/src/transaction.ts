import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient, QueryResult } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Segment, TenantId } from '#libs/kernel';
import { preparedName } from './prepared-name.ts';

/** Whose rows a piece of work may see: one municipality, one network segment. */
export interface TenantScope {
  readonly tenantId: TenantId;
  readonly segment: Segment;
}

/** Rows that will go in one statement. */
interface Gathered {
  readonly rows: unknown[][];
  readonly answer: PromiseWithResolvers<unknown[]>;
}

const ABORTED = '25P02';
const SET_SCOPE = `SELECT set_config('app.tenant_id', $1, true), set_config('app.segment', $2, true)`;

/**
 * An open database transaction. Repositories take one as their first argument; there is no query without it.
 *
 * Statements go out as soon as they are asked for and are answered in order: work that needs no answer in between does
 * not wait for one, and row locks are not held while this process is busy elsewhere.
 */
export class Transaction {
  private readonly opening: Promise<unknown>;
  private ending: Promise<void> | undefined;
  private rolledBack = false;
  private failure: unknown;
  private readonly gathered = new Map<string, Gathered>();

  /** Opens the transaction; its first statements travel together with BEGIN. */
  constructor(
    protected readonly connection: PoolClient,
    scope?: TenantScope,
  ) {
    const begun = this.send('BEGIN');
    this.opening = scope ? Promise.all([begun, this.setScope(scope.tenantId, scope.segment)]) : begun;
    // Reported by commit(); until then nobody listens.
    this.opening.catch(() => undefined);
  }

  /**
   * Runs one statement and returns its rows (also those of RETURNING).
   * @throws Error of the first statement that failed: those behind it were ignored for it and say nothing themselves
   */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    if (this.ending) throw new Error('the transaction is ending');
    this.sendGathered();
    try {
      return (await this.send(sql, parameters)).rows as Row[];
    } catch (error) {
      this.failure ??= error;
      throw (error as { code?: unknown }).code === ABORTED ? this.failure : error;
    }
  }

  /**
   * One row's part in a statement that takes an array for each parameter, an element a row. What is gathered for one text,
   * by whomever, until another statement is asked for or this turn of the event loop ends, goes as one statement: many
   * works in a transaction cost little more than one, and each row is written in one way however many there are.
   * @param row an element for each parameter
   * @returns all rows of the answer; a statement says in them which row is whose
   * @throws as {@link query}, to all who share the statement
   */
  gather<Row>(sql: string, row: unknown[]): Promise<Row[]> {
    if (this.gathered.size === 0) queueMicrotask(() => this.sendGathered());
    let gathered = this.gathered.get(sql);
    if (!gathered) this.gathered.set(sql, (gathered = { rows: [], answer: Promise.withResolvers() }));
    gathered.rows.push(row);
    return gathered.answer.promise as Promise<Row[]>;
  }

  /**
   * Sends the commit right behind the statements already sent. If one of them fails the commit is a rollback, and whoever
   * awaits that statement gets its error. Locks are then held for no longer than the server itself needs.
   */
  commitBehind(): void {
    this.sendGathered();
    this.ending ??= this.finish();
    this.ending.catch(() => undefined);
  }

  /** @throws Error when the server rolled back instead */
  async commit(): Promise<void> {
    this.commitBehind();
    await this.ending;
  }

  async rollback(): Promise<void> {
    // A lost connection cannot roll back; the server already has. The first error is the one to report.
    this.ending ??= this.undo();
    await this.ending.catch(() => undefined);
  }

  /** Whether the server has said that nothing was written. Of a connection lost at the commit nobody knows. */
  get isRolledBack(): boolean {
    return this.rolledBack;
  }

  private sendGathered(): void {
    const statements = [...this.gathered];
    this.gathered.clear();
    for (const [sql, { rows, answer }] of statements) {
      const columns = rows[0]!.map((_, parameter) => rows.map((row) => row[parameter]));
      this.query(sql, columns).then(answer.resolve, answer.reject);
    }
  }

  private async undo(): Promise<void> {
    await this.send('ROLLBACK');
    this.rolledBack = true;
  }

  private async finish(): Promise<void> {
    // Together: on a lost connection both fail, and a failure that nobody awaits ends the process.
    const [{ command }] = await Promise.all([this.send('COMMIT'), this.opening]);
    if (command === 'COMMIT') return;
    this.rolledBack = true;
    throw new Error('the transaction was rolled back');
  }

  protected setScope(tenantId: string, segment: string): Promise<QueryResult> {
    this.sendGathered();
    return this.send(SET_SCOPE, [tenantId, segment]);
  }

  private send(sql: string, parameters?: unknown[]): Promise<QueryResult> {
    holdUntilTurnEnds(this.connection);
    if (!parameters) return this.connection.query(sql);
    return this.connection.query({ name: preparedName(sql), text: sql, values: parameters });
  }
}

/** Left alone, pg writes each statement to the network by itself. What one turn of the event loop sends travels as one. */
function holdUntilTurnEnds(client: PoolClient): void {
  const { stream } = (client as PoolClient & { readonly connection: { readonly stream: Writable } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** A transaction bound to one tenant and segment: row-level security shows and accepts only their rows. */
export class TenantTransaction extends Transaction {
  constructor(
    connection: PoolClient,
    readonly scope: TenantScope,
  ) {
    super(connection, scope);
  }
}

/** A transaction of a role that works across cities. */
export class CrossTenantTransaction extends Transaction {
  /**
   * Binds what follows to a tenant, so that it can write to that one: its audit chain, its first rows.
   * @param segment empty where no segment-bound row is touched
   */
  async actOn(tenantId: TenantId, segment: Segment | '' = ''): Promise<void> {
    await this.setScope(tenantId, segment);
  }
}

/** A transaction that takes in files: more rows than anybody would send one by one. */
export class BulkTransaction extends CrossTenantTransaction {
  /**
   * Streams bytes into COPY ... FROM STDIN, no faster than the server takes them. Await everything sent before.
   * @returns the number of rows
   */
  async copyIn(sql: string, source: AsyncIterable<Uint8Array>): Promise<number> {
    const copy = this.connection.query(copyFrom(sql));
    await pipeline(source, copy);
    return copy.rowCount;
  }
}
