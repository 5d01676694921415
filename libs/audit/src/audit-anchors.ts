import { AdmissionDatabase, type Transaction } from '#libs/database';
import { Clock } from '#libs/kernel';
import { type Anchor, AnchorFile } from './anchor-file.ts';

export interface AnchoringResult {
  /** Chains whose new head was written down. */
  readonly anchored: number;
  /** Tenants whose head lies before, or differs at, what was already anchored: someone rewrote the database. */
  readonly regressed: readonly string[];
}

/** Writes the heads of all chains to a file outside the database, so that not even its owner can rewrite the past unseen. */
export class AuditAnchors {
  private readonly file: AnchorFile;
  private readonly newest = new Map<string, Anchor>();

  constructor(
    private readonly database: AdmissionDatabase,
    private readonly clock: Clock,
    path: string,
  ) {
    this.file = new AnchorFile(path);
  }

  /** Anchors every chain that grew since the last time. On return the anchors are on the disk. Workers take turns. */
  anchorOnce(): Promise<AnchoringResult> {
    return this.database.run(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.audit.anchors'))`);
      for await (const { anchor } of this.file.read()) if (anchor) this.newest.set(anchor.tenantId, anchor);
      const grown: Anchor[] = [];
      const regressed: string[] = [];
      for (const head of await this.heads(tx)) {
        const known = this.newest.get(head.tenantId);
        if (!known || head.sequence > known.sequence) grown.push(head);
        else if (head.sequence < known.sequence || head.hash !== known.hash) regressed.push(head.tenantId);
      }
      if (grown.length > 0) await this.file.append(grown);
      for (const anchor of grown) this.newest.set(anchor.tenantId, anchor);
      return { anchored: grown.length, regressed };
    });
  }

  private async heads(tx: Transaction): Promise<Anchor[]> {
    const anchoredAt = this.clock.now().toISOString();
    const rows = await tx.query<{ tenant_id: string; sequence: string; hash: string }>(
      `SELECT tenant_id, sequence, encode(hash, 'hex') AS hash FROM audit_heads WHERE sequence > 0 ORDER BY tenant_id`,
    );
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      sequence: Number(row.sequence),
      hash: row.hash,
      anchoredAt,
    }));
  }
}
