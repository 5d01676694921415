import { Injectable } from '@nestjs/common';
import type { CrossTenantTransaction } from '#libs/database';
import { Clock, type TenantId } from '#libs/kernel';
import { type TableFacts, removalOrder, tablesOfCities } from '../plan/catalogue.ts';
import { TABLES } from '../plan/tables.ts';
import { type Person, canariesOf } from './canaries.ts';

/** Rows of one statement: a lock on them, and what is done again after a kill. */
const BATCH = 20_000;

/**
 * For each row that goes, PostgreSQL looks for rows that refer to it: its own look-ups, planned by these settings. Not every
 * reference has an index of its own, and what refers has gone before; by the index of the key, such a look-up marks the entries
 * of dead rows as it meets them and passes them over next time. A scan of the table would read them again for every row.
 */
const BY_INDEX = `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/** What a step did. */
export interface RemovalStep {
  readonly removed: number;
  /** Whether there is nothing more to remove. */
  readonly isDone: boolean;
}

/** Removes the rows of a city in the order of their references, a bounded number at a time. Role moyai_exit, bound to the city. */
@Injectable()
export class RowRemoval {
  constructor(private readonly clock: Clock) {}

  /** Before the first row goes: counts what there is, cuts what stays from the people, and remembers names as hashes. */
  async begin(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<number> {
    await this.remember(tx, tenantId, exitId);
    let total = 0;
    for (const { name } of await this.removable(tx)) {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*)::float8 AS count FROM ${name} WHERE tenant_id = $1${onlyOf(name)}`,
        [tenantId],
      );
      total += row!.count;
    }
    for (const [name, { fate }] of Object.entries(TABLES)) {
      if (fate === 'removed' || !fate.severed) continue;
      const set = Object.entries(fate.severed).map(([column, value]) => `${column} = ${value}`);
      await tx.query(`UPDATE ${name} SET ${set.join(', ')} WHERE tenant_id = $1`, [tenantId]);
    }
    return total;
  }

  private async remember(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<void> {
    const people = await tx.query<Person>(
      `SELECT id, login_id AS "loginId", display_name AS "displayName", mail_address AS "mailAddress"
       FROM members WHERE tenant_id = $1`,
      [tenantId],
    );
    await tx.query(
      `INSERT INTO exit_canaries (tenant_id, digest) SELECT $1, decode(digest, 'hex') FROM unnest($2::text[]) AS digest
       ON CONFLICT DO NOTHING`,
      [tenantId, people.flatMap((person) => canariesOf(exitId, person))],
    );
  }

  /** Removes the next rows. */
  async step(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<RemovalStep> {
    const finished = await tx.query<{ place: string }>(
      'SELECT place FROM exit_deletions WHERE tenant_id = $1 AND exit_id = $2 AND finished_at IS NOT NULL',
      [tenantId, exitId],
    );
    const next = (await this.removable(tx)).find(({ name }) => !finished.some(({ place }) => place === name));
    if (!next) return { removed: 0, isDone: true };
    await tx.query(BY_INDEX);
    const [{ count: removed } = { count: 0 }] = await tx.query<{ count: number }>(removalSql(next), [tenantId]);
    await tx.query(
      `INSERT INTO exit_deletions AS d (tenant_id, exit_id, place, removed, finished_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, exit_id, place) DO UPDATE SET removed = d.removed + $4, finished_at = $5`,
      [tenantId, exitId, next.name, removed, removed === 0 ? this.clock.now() : null],
    );
    return { removed, isDone: false };
  }

  /** The canaries go with the scan that looks for them. */
  private async removable(tx: CrossTenantTransaction): Promise<TableFacts[]> {
    const ordered = removalOrder(await tablesOfCities(tx));
    return ordered.filter(({ name }) => {
      const { fate } = TABLES[name] ?? unnamed(name);
      return name !== 'exit_canaries' && (fate === 'removed' || fate.except !== undefined);
    });
  }
}

function unnamed(table: string): never {
  throw new Error(`the plan of exits does not name the table ${table}`);
}

function onlyOf(name: string): string {
  const { fate } = TABLES[name]!;
  return fate !== 'removed' && fate.except ? ` AND (${fate.except})` : '';
}

/** Of a tree the leaves first: a row that others refer to stays until they are gone. */
function removalSql({ name, refersToItself }: TableFacts): string {
  const leaf = refersToItself.map(
    ({ here, there }) =>
      ` AND NOT EXISTS (SELECT FROM ${name} c WHERE c.tenant_id = t.tenant_id AND c.${here} = t.${there})`,
  );
  return `
    WITH gone AS (
      DELETE FROM ${name} WHERE tenant_id = $1 AND ctid = ANY (ARRAY(
        SELECT t.ctid FROM ${name} t WHERE t.tenant_id = $1${onlyOf(name)}${leaf.join('')} LIMIT ${BATCH}))
      RETURNING 1)
    SELECT count(*)::float8 AS count FROM gone`;
}
