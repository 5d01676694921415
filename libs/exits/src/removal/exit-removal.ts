import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { canonicalText, hashOf } from '#libs/billing';
import { ContentSeal, type CrossTenantTransaction, ExitDatabase, KEY_SERVICE, type KeyService } from '#libs/database';
import { Clock, type TenantId, VENDOR_TENANT_ID } from '#libs/kernel';
import { QUEUES, QueueHost, Signals } from '#libs/queue';
import { type ExitCertificate, keptByPlan, keyOf, labelOf, scanOf } from './certificate.ts';
import { RowRemoval } from './row-removal.ts';
import { ExitScan, type ScanReport } from './scan.ts';

export const EXIT_ISSUER = Symbol('ExitIssuer');

type Phase = 'queues' | 'rows' | 'key' | 'scan';

interface Claim {
  readonly phase: Phase;
  readonly total: number;
}

/** Statements over all rows of a city. */
const LONG_MS = 600_000;
/** While the queue and the key service answer. */
const IDLE_MS = 120_000;

/**
 * The deletion, step by step. Each step is one transaction that also says how far it is, so it may be killed anywhere and
 * gone on with by anybody. The exit is over when a scan has found nothing; else it stands, and ops sees where.
 */
@Injectable()
export class ExitRemoval {
  constructor(
    private readonly database: ExitDatabase,
    private readonly rows: RowRemoval,
    private readonly scan: ExitScan,
    private readonly queues: QueueHost,
    private readonly signals: Signals,
    private readonly contentSeal: ContentSeal,
    @Inject(KEY_SERVICE) private readonly keys: KeyService,
    @Inject(EXIT_ISSUER) private readonly issuer: string | null,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** @returns false when there is nothing more to do */
  step(tenantId: TenantId, exitId: string): Promise<boolean> {
    return this.database.run(async (tx) => {
      await tx.actOn(tenantId);
      await tx.query(
        `SELECT set_config('statement_timeout', '${LONG_MS}', true), set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', true)`,
      );
      const [claim] = await tx.query<Claim>(
        `SELECT phase, total::float8 AS total FROM city_exits
         WHERE tenant_id = $1 AND id = $2 AND state = 'deleting' AND fault IS NULL FOR UPDATE NOWAIT`,
        [tenantId, exitId],
      );
      if (!claim) return false;
      switch (claim.phase) {
        case 'queues':
          return this.queuesPhase(tx, tenantId, exitId);
        case 'rows':
          return this.rowsPhase(tx, tenantId, exitId);
        case 'key':
          return this.keyPhase(tx, tenantId, exitId);
        case 'scan':
          return this.scanPhase(tx, tenantId, exitId);
      }
    });
  }

  private async queuesPhase(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<boolean> {
    let removed = 0;
    for (const contract of QUEUES) removed += await this.queues.removeOf(contract, tenantId);
    await tx.query(
      `INSERT INTO exit_deletions (tenant_id, exit_id, place, removed, finished_at) VALUES ($1, $2, 'queues', $3, $4)
       ON CONFLICT (tenant_id, exit_id, place) DO NOTHING`,
      [tenantId, exitId, removed, this.clock.now()],
    );
    const total = await this.rows.begin(tx, tenantId, exitId);
    // Where the chain ended: the anchors outside the database go on to vouch for it.
    await tx.query(
      `UPDATE city_exits SET phase = 'rows', total = $3, touched_at = $4,
         chain_sequence = coalesce(h.sequence, chain_sequence), chain_hash = coalesce(h.hash, chain_hash)
       FROM (SELECT 1) one LEFT JOIN audit_heads h ON h.tenant_id = $1 WHERE city_exits.tenant_id = $1 AND id = $2`,
      [tenantId, exitId, total, this.clock.now()],
    );
    return true;
  }

  private async rowsPhase(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<boolean> {
    const { removed, isDone } = await this.rows.step(tx, tenantId, exitId);
    await tx.query(
      `UPDATE city_exits SET done = done + $3, phase = CASE WHEN $4 THEN 'key' ELSE phase END, touched_at = $5
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, exitId, removed, isDone, this.clock.now()],
    );
    return true;
  }

  private async keyPhase(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<boolean> {
    const destruction = await this.keys.destroy(tenantId);
    this.contentSeal.forget(tenantId);
    this.signals.publish({ kind: 'city.removed', tenantId });
    await tx.query(
      `UPDATE city_exits SET phase = 'scan', key_record = $3, touched_at = $4 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, exitId, JSON.stringify(keyOf(destruction)), this.clock.now()],
    );
    return true;
  }

  private async scanPhase(tx: CrossTenantTransaction, tenantId: TenantId, exitId: string): Promise<boolean> {
    const report = await this.scan.run(tx, tenantId, exitId);
    if (report.findings.length > 0) {
      await tx.query(
        `UPDATE city_exits SET fault = 'EXITS.REMAINS_FOUND', findings = $3, phase = CASE WHEN $4 THEN 'queues' ELSE phase END
         WHERE tenant_id = $1 AND id = $2`,
        [
          tenantId,
          exitId,
          JSON.stringify(report.findings),
          report.findings.some(({ kind }) => kind === 'rows' || kind === 'delivery'),
        ],
      );
      // What came back after its table was done is looked for again by the next attempt.
      await tx.query('UPDATE exit_deletions SET finished_at = NULL WHERE tenant_id = $1 AND exit_id = $2', [
        tenantId,
        exitId,
      ]);
      return false;
    }
    await this.certify(tx, tenantId, exitId, report);
    return false;
  }

  private async certify(
    tx: CrossTenantTransaction,
    tenantId: TenantId,
    exitId: string,
    report: ScanReport,
  ): Promise<void> {
    const now = this.clock.now();
    await tx.query('DELETE FROM exit_canaries WHERE tenant_id = $1', [tenantId]);
    const certificate = await this.certificate(tx, tenantId, exitId, report, now);
    const document = canonicalText(certificate);
    await tx.query(
      `INSERT INTO exit_certificates (tenant_id, exit_id, issued_at, document, sha256) VALUES ($1, $2, $3, $4, $5)`,
      [tenantId, exitId, now, document, hashOf(document)],
    );
    await tx.query(
      `UPDATE city_exits SET state = 'deleted', phase = NULL, deleted_at = $3, findings = NULL, touched_at = $3
       WHERE tenant_id = $1 AND id = $2`,
      [tenantId, exitId, now],
    );
    await tx.actOn(VENDOR_TENANT_ID);
    await this.audit.append(tx, {
      action: 'exit.deleted',
      actor: { type: 'system', id: null },
      subject: { type: 'city', id: tenantId },
      details: {
        exitId,
        code: certificate.city.code,
        certificateSha256: hashOf(document).toString('hex'),
        chainSequence: certificate.auditChain?.sequence ?? null,
        chainSha256: certificate.auditChain?.sha256 ?? null,
      },
    });
  }

  private async certificate(
    tx: CrossTenantTransaction,
    tenantId: TenantId,
    exitId: string,
    report: ScanReport,
    now: Date,
  ): Promise<ExitCertificate> {
    const [facts] = await tx.query<
      Pick<
        ExitCertificate,
        'city' | 'contractEndsOn' | 'waitingDays' | 'deleteFrom' | 'auditChain' | 'key' | 'manifests'
      > &
        Record<'plannedAt' | 'agreedAt' | 'frozenAt' | 'exportedAt' | 'handedOverAt' | 'deletionStartedAt', Date>
    >(
      `SELECT json_build_object('code', t.code, 'name', t.name) AS city,
         to_char(e.contract_ends_on, 'YYYY-MM-DD') AS "contractEndsOn", e.waiting_days AS "waitingDays",
         to_char(e.delete_from, 'YYYY-MM-DD') AS "deleteFrom", e.planned_at AS "plannedAt", e.agreed_at AS "agreedAt",
         e.frozen_at AS "frozenAt", e.exported_at AS "exportedAt", e.handed_over_at AS "handedOverAt",
         e.deletion_started_at AS "deletionStartedAt", e.key_record AS key, e.manifests,
         CASE WHEN e.chain_sequence IS NOT NULL THEN
           json_build_object('sequence', e.chain_sequence, 'sha256', encode(e.chain_hash, 'hex')) END AS "auditChain"
       FROM city_exits e JOIN tenants t ON t.id = e.tenant_id WHERE e.tenant_id = $1 AND e.id = $2`,
      [tenantId, exitId],
    );
    const counts = await tx.query<{ place: string; count: number }>(
      `SELECT place, removed::float8 AS count FROM exit_deletions
       WHERE tenant_id = $1 AND exit_id = $2 AND removed > 0 ORDER BY place`,
      [tenantId, exitId],
    );
    const removed = counts.map(({ place, count }) => ({ place, label: labelOf(place), count }));
    const { plannedAt, agreedAt, frozenAt, exportedAt, handedOverAt, deletionStartedAt, ...rest } = facts!;
    return {
      format: 'moyai.exit-certificate/1',
      exitId,
      issuer: this.issuer,
      issuedAt: now.toISOString(),
      ...rest,
      plannedAt: plannedAt.toISOString(),
      agreedAt: agreedAt.toISOString(),
      frozenAt: frozenAt.toISOString(),
      exportedAt: exportedAt.toISOString(),
      handedOverAt: handedOverAt.toISOString(),
      deletionStartedAt: deletionStartedAt.toISOString(),
      deletedAt: now.toISOString(),
      removed,
      removalSha256: hashOf(canonicalText(removed)).toString('hex'),
      scan: scanOf(report),
      kept: keptByPlan(),
    };
  }
}
