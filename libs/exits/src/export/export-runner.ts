import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase, type TenantScope } from '#libs/database';
import { Clock } from '#libs/kernel';
import { Log } from '#libs/observability';
import { tablesOfCities } from '../plan/catalogue.ts';
import { ExportContents } from './export-contents.ts';
import { ExportFiles, type FileSource } from './export-files.ts';
import { type ExportFacts, manifestOf, readmeOf } from './export-index.ts';

/** An export that nobody made for leaving is kept for so long; its data are still in the city. */
const KEPT_DAYS = 7;
const DAY_MS = 86_400_000;
const FAULT_CHARACTERS = 200;
/** Rows between two words about the progress. */
const PROGRESS_ROWS = 5_000;

interface Claim {
  readonly exitId: string | null;
  readonly requestedAt: Date;
  readonly code: string;
  readonly name: string;
}

/** Writes exports, file by file. Killed anywhere, whoever takes the export up goes on at the file it died in. */
@Injectable()
export class ExportRunner {
  private isStopping = false;

  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly contents: ExportContents,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(scope: TenantScope, exportId: string): Promise<void> {
    const claim = await this.claim(scope, exportId);
    if (!claim) return;
    try {
      await this.write(scope, exportId, claim);
    } catch (error) {
      if (this.isStopping) return;
      this.log.error('export.failed', { exportId, error });
      await this.set(
        scope,
        exportId,
        `state = 'failed', fault = $4`,
        (error as Error).message.slice(0, FAULT_CHARACTERS),
      );
    }
  }

  /** Ends at the next chunk; the export is delivered to another worker. */
  stop(): void {
    this.isStopping = true;
  }

  private async claim(scope: TenantScope, exportId: string): Promise<Claim | undefined> {
    const [claim] = await this.database.run(scope, (tx) =>
      tx.query<Claim>(
        `UPDATE data_exports e SET state = 'running', fault = NULL, touched_at = $3
         FROM tenants t WHERE t.id = e.tenant_id AND e.tenant_id = $1 AND e.id = $2
           AND (e.state IN ('queued', 'running') OR e.state = 'failed' AND e.exit_id IS NOT NULL)
         RETURNING e.exit_id AS "exitId", e.requested_at AS "requestedAt", t.code, t.name`,
        [scope.tenantId, exportId, this.clock.now()],
      ),
    );
    return claim;
  }

  private async write(scope: TenantScope, exportId: string, claim: Claim): Promise<void> {
    const seal = await this.contentSeal.forTenant(scope);
    const files = new ExportFiles(this.database, scope, seal, exportId);
    const total = await this.contents.count(scope);
    let done = (await files.list()).reduce((sum, { rows }) => sum + (rows ?? 0), 0);
    let told = 0;
    const tell = async (): Promise<void> => {
      if (this.isStopping) throw new Error('the worker stops');
      told = done;
      await this.set(scope, exportId, 'done = $4, total = $5', Math.min(done, total), total);
    };
    await tell();
    const facts: ExportFacts = {
      exportId,
      city: { code: claim.code, name: claim.name },
      segment: scope.segment,
      requestedAt: claim.requestedAt.toISOString(),
    };
    let number = 0;
    for await (const source of this.contents.files(scope, seal, (rows) => (done += rows))) {
      await files.write(
        number,
        watched(source, () => (done - told >= PROGRESS_ROWS ? tell() : undefined)),
        tell,
      );
      number += 1;
    }
    const tables = await this.database.run(scope, tablesOfCities);
    await files.write(
      number,
      { path: 'はじめにお読みください.txt', body: once(readmeOf(facts, await files.list())) },
      tell,
    );
    const manifest = manifestOf(facts, tables, await files.list());
    const { sha256 } = await files.write(number + 1, { path: 'manifest.json', body: once(manifest) }, tell);
    await this.finish(scope, exportId, claim, sha256);
  }

  private async finish(scope: TenantScope, exportId: string, { exitId }: Claim, manifest: string): Promise<void> {
    const now = this.clock.now();
    await this.database.run(scope, async (tx) => {
      await tx.query(
        `UPDATE data_exports SET state = 'ready', done = total, finished_at = $3, touched_at = $3, expires_at = $4,
           manifest_sha256 = decode($5, 'hex'), bytes = (SELECT sum(bytes) FROM data_export_files
             WHERE tenant_id = $1 AND export_id = $2)
         WHERE tenant_id = $1 AND id = $2`,
        [scope.tenantId, exportId, now, exitId ? null : new Date(now.getTime() + KEPT_DAYS * DAY_MS), manifest],
      );
      await this.audit.append(tx, {
        action: 'data-export.made',
        actor: { type: 'system', id: null },
        segment: scope.segment,
        subject: { type: 'data-export', id: exportId },
        details: { manifestSha256: manifest },
      });
    });
  }

  private async set(scope: TenantScope, exportId: string, what: string, ...values: unknown[]): Promise<void> {
    await this.database.run(scope, (tx) =>
      tx.query(`UPDATE data_exports SET touched_at = $3, ${what} WHERE tenant_id = $1 AND id = $2`, [
        scope.tenantId,
        exportId,
        this.clock.now(),
        ...values,
      ]),
    );
  }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

const watched = (source: FileSource, look: () => Promise<void> | undefined): FileSource => ({
  ...source,
  body: (async function* () {
    for await (const piece of source.body) {
      await look();
      yield piece;
    }
  })(),
});
