import type { OpsDatabase, Transaction } from '#libs/database';
import { AnchorComparison } from './anchor-comparison.ts';
import { AnchorFile } from './anchor-file.ts';
import { ChainCheck, type ChainFault, type ChainHead } from './chain-check.ts';
import type { StoredEntry } from './entry-hash.ts';

export interface ChainReport {
  readonly tenantId: string;
  entries: number;
  /** How many anchors of this chain were compared. */
  anchors: number;
  /** The last entry of a city that left: the entries through it are removed, or being removed, by its exit. Otherwise null. */
  endedAt: number | null;
  /** The first {@link REPORTED_FAULTS} of them. */
  readonly faults: ChainFault[];
  faultCount: number;
}

export interface AnchorReport {
  readonly lines: number;
  /** Lines that a crash cut short; no sign of tampering as long as the next line vouches for them. */
  readonly unreadable: number;
  /** Line numbers before which the file was changed. */
  readonly broken: readonly number[];
}

export interface VerificationReport {
  readonly intact: boolean;
  readonly chains: readonly ChainReport[];
  /** Null when no anchor file was given: then a cut end or a wholly rewritten chain cannot be seen. */
  readonly anchors: AnchorReport | null;
}

export interface VerificationScope {
  /** Only this tenant's chain; otherwise every chain there is. */
  readonly tenantId?: string;
  readonly anchorFile?: string;
}

const REPORTED_FAULTS = 100;
const ENTRIES_PER_BATCH = 2_000;
// Entries below 1 are nobody's honest work, and must be seen.
const LOWEST = '-9223372036854775808';
const ENTRIES_AFTER = `
  SELECT tenant_id AS "tenantId", sequence, id, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtUs",
         actor_type AS "actorType", actor_id AS "actorId", action, subject_type AS "subjectType",
         subject_id AS "subjectId", segment, outcome, details, previous_hash AS "previousHash", hash
  FROM audit_entries WHERE tenant_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`;

/** Proves or disproves that the trail is what was written, recomputing every hash. Memory does not grow with the trail. */
export class AuditVerifier {
  constructor(private readonly database: OpsDatabase) {}

  async verify(scope: VerificationScope = {}): Promise<VerificationReport> {
    const chains = new Map<string, ChainReport>();
    const tenantIds = scope.tenantId ? [scope.tenantId] : await this.tenantIds();
    for (const tenantId of tenantIds) chains.set(tenantId, await this.verifyChain(tenantId));
    const anchors = scope.anchorFile ? await this.compareAnchors(scope.anchorFile, scope.tenantId, chains) : null;
    const intact = [...chains.values()].every((chain) => chain.faultCount === 0) && !anchors?.broken.length;
    return { intact, chains: [...chains.values()], anchors };
  }

  /** Tenants that have a head, or entries left behind by a removed one. Skips from chain to chain along the index. */
  private async tenantIds(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH RECURSIVE chain (id) AS (
         (SELECT tenant_id FROM audit_entries ORDER BY tenant_id LIMIT 1)
         UNION ALL
         SELECT (SELECT e.tenant_id FROM audit_entries e WHERE e.tenant_id > c.id ORDER BY e.tenant_id LIMIT 1)
         FROM chain c WHERE c.id IS NOT NULL
       )
       SELECT id FROM chain WHERE id IS NOT NULL UNION SELECT tenant_id FROM audit_heads ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  }

  private verifyChain(tenantId: string): Promise<ChainReport> {
    return this.database.run(async (tx) => {
      // Head and entries of one instant: what is appended meanwhile is not mistaken for a fault.
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const report = emptyReport(tenantId);
      const head = await headOf(tx, tenantId);
      const end = await endOf(tx, tenantId);
      report.endedAt = end && Number(end.sequence);
      const lawless = end?.isGoing ? notByRemoval : all;
      const check = new ChainCheck(tenantId);
      for await (const entry of entriesOf(tx, tenantId)) {
        note(report, lawless(check.follow(entry)));
        report.entries += 1;
      }
      note(report, lawless(check.finish(head)));
      return report;
    });
  }

  private async compareAnchors(
    path: string,
    only: string | undefined,
    chains: Map<string, ChainReport>,
  ): Promise<AnchorReport> {
    const report = { lines: 0, unreadable: 0, broken: [] as number[] };
    const comparison = new AnchorComparison(this.database);
    for await (const { number, anchor, linked } of new AnchorFile(path).read()) {
      report.lines += 1;
      if (!anchor) report.unreadable += 1;
      if (!linked && report.broken.length < REPORTED_FAULTS) report.broken.push(number);
      if (anchor && (!only || anchor.tenantId === only)) await comparison.add(anchor);
    }
    for (const [tenantId, { compared, endedAt, faults }] of await comparison.finish()) {
      // A chain may be gone from the database altogether.
      const chain = chains.get(tenantId) ?? emptyReport(tenantId);
      chain.anchors = compared;
      chain.endedAt = endedAt;
      note(chain, faults);
      chains.set(tenantId, chain);
    }
    return report;
  }
}

const emptyReport = (tenantId: string): ChainReport => ({
  tenantId,
  entries: 0,
  anchors: 0,
  endedAt: null,
  faults: [],
  faultCount: 0,
});

function note(report: ChainReport, faults: readonly ChainFault[]): void {
  report.faultCount += faults.length;
  report.faults.push(...faults.slice(0, Math.max(0, REPORTED_FAULTS - report.faults.length)));
}

const all = (faults: readonly ChainFault[]): readonly ChainFault[] => faults;

/** Entries of a city that is being removed go in no order; one that was changed is a fault all the same. */
const notByRemoval = (faults: readonly ChainFault[]): readonly ChainFault[] =>
  faults.filter(({ kind }) => kind !== 'removed' && kind !== 'head_missing');

/** Where the chain of a city that left ended, as its exit recorded it before the first row went. */
async function endOf(tx: Transaction, tenantId: string): Promise<{ sequence: string; isGoing: boolean } | null> {
  const [exit] = await tx.query<{ sequence: string; isGoing: boolean }>(
    `SELECT chain_sequence AS sequence, state = 'deleting' AS "isGoing" FROM city_exits
     WHERE tenant_id = $1 AND state IN ('deleting', 'deleted') AND chain_sequence IS NOT NULL`,
    [tenantId],
  );
  return exit ?? null;
}

async function headOf(tx: Transaction, tenantId: string): Promise<ChainHead | undefined> {
  const [head] = await tx.query<{ sequence: string; hash: Buffer }>(
    'SELECT sequence, hash FROM audit_heads WHERE tenant_id = $1',
    [tenantId],
  );
  return head && { sequence: Number(head.sequence), hash: head.hash };
}

async function* entriesOf(tx: Transaction, tenantId: string): AsyncGenerator<StoredEntry> {
  let after = LOWEST;
  let rows: (Omit<StoredEntry, 'sequence'> & { sequence: string })[];
  do {
    rows = await tx.query(ENTRIES_AFTER, [tenantId, after, ENTRIES_PER_BATCH]);
    for (const row of rows) yield { ...row, sequence: Number(row.sequence) };
    after = rows.at(-1)?.sequence ?? after;
  } while (rows.length === ENTRIES_PER_BATCH);
}
