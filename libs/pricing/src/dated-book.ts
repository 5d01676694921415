import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { type CrossTenantTransaction, UNIQUE_VIOLATION, refusedWith } from '#libs/database';
import { Clock, DomainError, type TenantId, VENDOR_TENANT_ID, idUnderKey, newId } from '#libs/kernel';
import { type DatedRow, PEOPLE, decisionColumns, stateOf } from './dated-row.ts';

/** Somebody of the vendor, signed in. */
export type Vendor = AuditActor & { readonly id: string };

type Stored = Omit<DatedRow, 'state'>;
type Columns = Readonly<Record<string, string | Date>>;

/** What an approval did. */
export interface Approval<Row> {
  readonly row: Row;
  /** Calls that had waited for a price and are rated now. */
  readonly ratedCalls: number;
}

/** How a kind of rows is kept. */
export interface BookLayout {
  readonly table: 'model_prices' | 'fx_rates';
  /** What audit entries call a row. */
  readonly noun: string;
  /** Its own columns, of `r`. */
  readonly columns: string;
  /** SQL that says of rows `n` and `r` that one succeeds the other. */
  readonly sameLine: string;
}

/**
 * Rows that apply from a day on until the next one begins. One person proposes, another approves, before the day; no row
 * is ever edited. Only where nothing applied before may a row begin in the past: what was used meanwhile waits unrated and
 * is rated in the same act.
 */
@Injectable()
export abstract class DatedBook<
  Row extends DatedRow,
  Proposal extends { readonly validFrom: Date; readonly source: string },
> {
  constructor(
    protected readonly audit: AuditTrail,
    protected readonly clock: Clock,
  ) {}

  protected abstract readonly layout: BookLayout;
  protected abstract toRow(stored: Stored, state: DatedRow['state']): Row;
  /** The proposal's own columns by name. @throws DomainError PRICING.* where they cannot be */
  protected abstract toColumns(tx: CrossTenantTransaction, proposal: Proposal): Promise<Columns>;
  /** @throws DomainError PRICING.GAP when dollars would be left without a rate, were this row in force */
  protected abstract assertNoGapWith(tx: CrossTenantTransaction, row: Row): Promise<void>;
  /** @throws DomainError PRICING.GAP when dollars would be left without a rate, were this row not in force */
  protected abstract assertNoGapWithout(tx: CrossTenantTransaction, row: Row): Promise<void>;

  /** Everything in the book, proposals and what was withdrawn too, latest start first. */
  list(tx: CrossTenantTransaction): Promise<Row[]> {
    return this.select(tx, 'ORDER BY r.valid_from DESC, r.id DESC', []);
  }

  /**
   * Puts a row before a second person.
   * @param key proposed again under the same key it is the same proposal
   * @throws DomainError PRICING.AMOUNT_INVALID, PRICING.BACK_DATED, PRICING.START_TAKEN, PRICING.MODEL_UNKNOWN,
   *   REQUEST.IDEMPOTENCY_MISMATCH
   */
  async propose(tx: CrossTenantTransaction, actor: Vendor, proposal: Proposal, key?: string): Promise<Row> {
    const { table } = this.layout;
    const figures = await this.toColumns(tx, proposal);
    const id = key === undefined ? newId() : idUnderKey(actor.id, `${table} ${key}`);
    const columns: Columns = { ...figures, valid_from: proposal.validFrom, source: proposal.source };
    if (key !== undefined) {
      const earlier = await this.proposedBefore(tx, id, columns);
      if (earlier) return earlier;
    }
    const names = Object.keys(columns);
    const values = [id, actor.id, this.clock.now(), ...Object.values(columns)];
    try {
      await tx.query(
        `INSERT INTO ${table} (id, proposed_by, proposed_at, ${names.join(', ')})
         VALUES (${values.map((_, index) => `$${index + 1}`).join(', ')})`,
        values,
      );
    } catch (error) {
      if (refusedWith(error, UNIQUE_VIOLATION)) throw new DomainError('PRICING.START_TAKEN');
      throw error;
    }
    const row = await this.get(tx, id);
    await this.assertNotBackDated(tx, row);
    await this.record(tx, actor, 'proposed', row);
    return row;
  }

  /**
   * Puts a proposal in force from its start. Nobody records usage meanwhile.
   * @throws DomainError REQUEST.NOT_FOUND, PRICING.SAME_PERSON, PRICING.ALREADY_DECIDED, PRICING.BACK_DATED, PRICING.GAP
   */
  async approve(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<Approval<Row>> {
    const row = await this.locked(tx, id);
    if (row.state !== 'proposed') throw new DomainError('PRICING.ALREADY_DECIDED');
    if (row.proposedBy.id === actor.id) throw new DomainError('PRICING.SAME_PERSON');
    await this.assertNotBackDated(tx, row);
    await this.assertNoGapWith(tx, row);
    await tx.query(`UPDATE ${this.layout.table} SET approved_by = $2, approved_at = $3 WHERE id = $1`, [
      id,
      actor.id,
      this.clock.now(),
    ]);
    const rated = await tx.query<{ city: TenantId; calls: number }>(
      'SELECT tenant_id AS city, calls::integer AS calls FROM rate_unrated_usage()',
    );
    const ratedCalls = rated.reduce((sum, { calls }) => sum + calls, 0);
    for (const { city, calls } of rated) await this.record(tx, actor, 'approved', row, { city, ratedCalls: calls });
    await this.record(tx, actor, 'approved', row, { ratedCalls });
    return { row: await this.get(tx, id), ratedCalls };
  }

  /**
   * Takes back what does not apply yet: a proposal, or what was approved and has not begun.
   * @throws DomainError REQUEST.NOT_FOUND, PRICING.ALREADY_DECIDED, PRICING.GAP
   */
  async withdraw(tx: CrossTenantTransaction, actor: Vendor, id: string): Promise<Row> {
    const row = await this.locked(tx, id);
    if (row.state !== 'proposed' && row.state !== 'future') throw new DomainError('PRICING.ALREADY_DECIDED');
    if (row.state === 'future') await this.assertNoGapWithout(tx, row);
    await tx.query(`UPDATE ${this.layout.table} SET withdrawn_at = $2 WHERE id = $1`, [id, this.clock.now()]);
    await this.record(tx, actor, 'withdrawn', row);
    return this.get(tx, id);
  }

  protected async exists(tx: CrossTenantTransaction, sql: string, parameters: unknown[]): Promise<boolean> {
    return (await tx.query(`${sql} LIMIT 1`, parameters)).length > 0;
  }

  /** As the row is under the lock of the whole book, which everybody who records usage shares. */
  private async locked(tx: CrossTenantTransaction, id: string): Promise<Row> {
    await tx.query('SELECT pg_advisory_xact_lock(price_book_lock())');
    return this.get(tx, id);
  }

  private async get(tx: CrossTenantTransaction, id: string): Promise<Row> {
    const [row] = await this.select(tx, 'WHERE r.id = $1', [id]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return row;
  }

  private async select(tx: CrossTenantTransaction, rest: string, parameters: unknown[]): Promise<Row[]> {
    const { table, columns, sameLine } = this.layout;
    const stored = await tx.query<Stored>(
      `SELECT ${columns}, ${decisionColumns(table, sameLine)} FROM ${table} r ${PEOPLE} ${rest}`,
      parameters,
    );
    const now = this.clock.now();
    return stored.map((row) => this.toRow(row, stateOf(row, now)));
  }

  /** What somebody proposed under this key before. @throws DomainError REQUEST.IDEMPOTENCY_MISMATCH */
  private async proposedBefore(tx: CrossTenantTransaction, id: string, columns: Columns): Promise<Row | undefined> {
    const { table } = this.layout;
    const [row] = await this.select(tx, 'WHERE r.id = $1', [id]);
    if (!row) return undefined;
    const same = Object.keys(columns).map((name, index) => `${name} = $${index + 2}`);
    const sql = `SELECT FROM ${table} WHERE id = $1 AND ${same.join(' AND ')}`;
    if (!(await this.exists(tx, sql, [id, ...Object.values(columns)])))
      throw new DomainError('REQUEST.IDEMPOTENCY_MISMATCH');
    return row;
  }

  private async assertNotBackDated(tx: CrossTenantTransaction, row: Row): Promise<void> {
    if (row.validFrom > this.clock.now()) return;
    const { table, sameLine } = this.layout;
    const appliedBefore = await this.exists(
      tx,
      `SELECT FROM ${table} r JOIN ${table} n ON ${sameLine} AND n.id <> r.id AND n.valid_from <= r.valid_from
         AND n.approved_at IS NOT NULL AND n.withdrawn_at IS NULL
       WHERE r.id = $1`,
      [row.id],
    );
    if (appliedBefore) throw new DomainError('PRICING.BACK_DATED');
  }

  private async record(
    tx: CrossTenantTransaction,
    actor: Vendor,
    verb: 'proposed' | 'approved' | 'withdrawn',
    row: Row,
    { city = VENDOR_TENANT_ID, ratedCalls }: { city?: TenantId; ratedCalls?: number } = {},
  ): Promise<void> {
    const { noun } = this.layout;
    await tx.actOn(city);
    await this.audit.append(tx, {
      action: `${noun}.${verb}`,
      actor,
      subject: { type: noun, id: row.id },
      details: {
        ...this.facts(row),
        validFrom: row.validFrom.toISOString(),
        ...(ratedCalls !== undefined && { ratedCalls }),
      },
    });
  }

  /** What an auditor must be able to read without the book. */
  protected abstract facts(row: Row): Readonly<Record<string, string>>;
}
