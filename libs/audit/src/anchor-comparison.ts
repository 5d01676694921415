import type { OpsDatabase } from '#libs/database';
import type { Anchor } from './anchor-file.ts';
import type { ChainFault } from './chain-check.ts';

/** What the anchors say of one chain. */
export interface AnchorFinding {
  readonly compared: number;
  readonly endedAt: number | null;
  readonly faults: readonly ChainFault[];
}

interface Divergence {
  /** Anchors compared. */
  compared: number;
  /** Last entry the database holds, or held when the city left. */
  last: number;
  /** Where the chain ended when the city left; null while it goes on. */
  endedAt: number | null;
  rewrittenFrom: number;
  rewrittenThrough: number;
  truncatedThrough: number;
}

interface Stored {
  readonly hash: string | null;
  readonly last: string | null;
  readonly endedAt: string | null;
}

const ANCHORS_PER_BATCH = 1_000;

/**
 * Compares anchors with what the database holds now. Every anchor counts, not the newest alone: a chain may have been
 * rewritten between two of them. The chain of a city that left is gone lawfully through the end that its exit recorded
 * before the first row went; what was anchored must agree with that end. Keeps one small record per tenant.
 */
export class AnchorComparison {
  private readonly tenants = new Map<string, Divergence>();
  private batch: Anchor[] = [];

  constructor(private readonly database: OpsDatabase) {}

  async add(anchor: Anchor): Promise<void> {
    this.batch.push(anchor);
    if (this.batch.length === ANCHORS_PER_BATCH) await this.compare();
  }

  /** What was found, by tenant. */
  async finish(): Promise<Map<string, AnchorFinding>> {
    await this.compare();
    return new Map([...this.tenants].map(([id, found]) => [id, { ...found, faults: faultsOf(found) }]));
  }

  private async compare(): Promise<void> {
    const anchors = this.batch;
    this.batch = [];
    const rows = await this.database.query<Stored>(
      `SELECT encode(coalesce(e.hash, CASE WHEN x.chain_sequence = a.sequence THEN x.chain_hash END), 'hex') AS hash,
              greatest(x.chain_sequence,
                (SELECT max(l.sequence) FROM audit_entries l WHERE l.tenant_id = a.tenant_id)) AS last,
              x.chain_sequence AS "endedAt"
       FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS a (tenant_id, sequence, place)
       LEFT JOIN audit_entries e USING (tenant_id, sequence)
       LEFT JOIN city_exits x ON x.tenant_id = a.tenant_id AND x.state IN ('deleting', 'deleted')
       ORDER BY a.place`,
      [anchors.map(({ tenantId }) => tenantId), anchors.map(({ sequence }) => sequence)],
    );
    for (const [index, { tenantId, sequence, hash }] of anchors.entries()) {
      const stored = rows[index]!;
      const found = this.tenants.get(tenantId) ?? unharmed();
      this.tenants.set(tenantId, found);
      found.compared += 1;
      found.last = Number(stored.last ?? 0);
      found.endedAt = stored.endedAt === null ? null : Number(stored.endedAt);
      if (sequence > found.last) found.truncatedThrough = Math.max(found.truncatedThrough, sequence);
      // A hole before the end is reported by the chain itself.
      else if (stored.hash !== null && stored.hash !== hash) {
        found.rewrittenFrom = Math.min(found.rewrittenFrom, sequence);
        found.rewrittenThrough = Math.max(found.rewrittenThrough, sequence);
      }
    }
  }
}

const unharmed = (): Divergence => ({
  compared: 0,
  last: 0,
  endedAt: null,
  rewrittenFrom: Infinity,
  rewrittenThrough: 0,
  truncatedThrough: 0,
});

function faultsOf(found: Divergence): ChainFault[] {
  const faults: ChainFault[] = [];
  if (found.rewrittenThrough > 0)
    faults.push({ kind: 'rewritten', sequence: found.rewrittenFrom, through: found.rewrittenThrough });
  if (found.truncatedThrough > found.last)
    faults.push({ kind: 'truncated', sequence: found.last + 1, through: found.truncatedThrough });
  return faults;
}
