import { Injectable } from '@nestjs/common';
import type { TenantTransaction } from '#libs/database';
import { DomainError, type ErrorCode } from '#libs/kernel';
import { type RosterPlan, type RosterFiles, digestOf, lineOf } from './plan/plan-roster.ts';
import type { RosterTable } from './plan/roster-cells.ts';
import type { RosterFault, RosterFileKind, RosterImport, RosterMode } from './roster.ts';

/** What people mend before they look again; the count tells of the rest. */
const FAULTS_KEPT = 1_000;

interface Row extends Omit<RosterImport, 'failure' | 'files'> {
  readonly failureCode: ErrorCode | null;
  readonly failureDetail: string | null;
  readonly files: Partial<RosterImport['files']>;
}

const SELECT = `
  SELECT i.id, i.state, i.created_at AS "createdAt", c.display_name AS "createdBy", i.counts, i.digest,
    i.fault_count AS "faultCount", i.effective_on::text AS "effectiveOn", i.planned_at AS "plannedAt", i.withdrawn, i.done, i.total,
    i.ended_at AS "endedAt", i.failure_code AS "failureCode", i.failure_detail AS "failureDetail",
    (SELECT coalesce(jsonb_object_agg(f.kind, jsonb_build_object('name', f.name, 'mode', f.mode, 'rowCount', f.row_count)), '{}')
     FROM roster_files f WHERE f.tenant_id = i.tenant_id AND f.import_id = i.id) AS files
  FROM roster_imports i JOIN members c ON c.tenant_id = i.tenant_id AND c.id = i.created_by`;

const toImport = ({ failureCode, failureDetail, files, ...row }: Row): RosterImport => ({
  ...row,
  files: { departments: files.departments ?? null, members: files.members ?? null },
  failure: failureCode && { code: failureCode, detail: failureDetail },
});

/** The rows of imports, within the caller's transaction. */
@Injectable()
export class RosterRepository {
  /** @throws DomainError REQUEST.NOT_FOUND */
  async get(tx: TenantTransaction, id: string, lock: '' | 'FOR UPDATE OF i' = ''): Promise<RosterImport> {
    const [row] = await tx.query<Row>(`${SELECT} WHERE i.tenant_id = $1 AND i.id = $2 ${lock}`, [
      tx.scope.tenantId,
      id,
    ]);
    if (!row) throw new DomainError('REQUEST.NOT_FOUND');
    return toImport(row);
  }

  /** The newest first. @param before id of the last one of the page before */
  async list(tx: TenantTransaction, before: string | null, limit: number): Promise<RosterImport[]> {
    const rows = await tx.query<Row>(
      `${SELECT} WHERE i.tenant_id = $1 AND ($2::uuid IS NULL OR (i.created_at, i.id) <
         (SELECT b.created_at, b.id FROM roster_imports b WHERE b.tenant_id = $1 AND b.id = $2))
       ORDER BY i.created_at DESC, i.id DESC LIMIT $3`,
      [tx.scope.tenantId, before, limit],
    );
    return rows.map(toImport);
  }

  async insert(tx: TenantTransaction, id: string, createdBy: string, at: Date): Promise<void> {
    await tx.query(
      `INSERT INTO roster_imports (tenant_id, id, created_by, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, id) DO NOTHING`,
      [tx.scope.tenantId, id, createdBy, at],
    );
  }

  /** Puts a file in the place of an earlier one of its kind. */
  async putFile(
    tx: TenantTransaction,
    id: string,
    kind: RosterFileKind,
    { name, mode, table }: { name: string; mode: RosterMode; table: RosterTable },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO roster_files (tenant_id, import_id, kind, name, mode, row_count, content)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, import_id, kind) DO UPDATE SET name = EXCLUDED.name, mode = EXCLUDED.mode,
         row_count = EXCLUDED.row_count, content = EXCLUDED.content`,
      [tx.scope.tenantId, id, kind, name, mode, table.rows.length, JSON.stringify(table)],
    );
  }

  async removeFile(tx: TenantTransaction, id: string, kind: RosterFileKind): Promise<void> {
    await tx.query('DELETE FROM roster_files WHERE tenant_id = $1 AND import_id = $2 AND kind = $3', [
      tx.scope.tenantId,
      id,
      kind,
    ]);
  }

  /** The contents of its files, as long as it has not ended. */
  async files(tx: TenantTransaction, id: string): Promise<RosterFiles> {
    const rows = await tx.query<{ kind: RosterFileKind; mode: RosterMode; content: RosterTable }>(
      'SELECT kind, mode, content FROM roster_files WHERE tenant_id = $1 AND import_id = $2 AND content IS NOT NULL',
      [tx.scope.tenantId, id],
    );
    const file = (kind: RosterFileKind) => {
      const row = rows.find((found) => found.kind === kind);
      return row ? { mode: row.mode, table: row.content } : null;
    };
    return { departments: file('departments'), members: file('members') };
  }

  /** Replaces the diff and the faults. @returns the digest of the diff, null while there are faults */
  async writePlan(tx: TenantTransaction, id: string, { changes, faults }: RosterPlan): Promise<string | null> {
    const { tenantId } = tx.scope;
    await this.erasePlan(tx, id);
    if (faults.length > 0) {
      const kept = faults.slice(0, FAULTS_KEPT);
      await tx.query(
        `INSERT INTO roster_faults (tenant_id, import_id, position, file, row, heading, message)
         SELECT $1, $2, x.position - 1, x.file, x.row, x.heading, x.message
         FROM unnest($3::text[], $4::integer[], $5::text[], $6::text[]) WITH ORDINALITY
           AS x (file, row, heading, message, position)`,
        [
          tenantId,
          id,
          kept.map(({ file }) => file),
          kept.map(({ row }) => row),
          kept.map(({ column }) => column),
          kept.map(({ message }) => message),
        ],
      );
      return null;
    }
    const lines = changes.map(lineOf);
    await tx.query(
      `INSERT INTO roster_changes (tenant_id, import_id, position, subject, kind, key, row, before, after, line)
       SELECT $1, $2, x.position - 1, x.subject, x.kind, x.key, x.row, x.before::jsonb, x.after::jsonb, x.line
       FROM unnest($3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[]) WITH ORDINALITY
         AS x (subject, kind, key, row, before, after, line, position)`,
      [
        tenantId,
        id,
        changes.map(({ subject }) => subject),
        changes.map(({ kind }) => kind),
        changes.map(({ key }) => key),
        changes.map(({ row }) => row),
        changes.map(({ before }) => before && JSON.stringify(before)),
        changes.map(({ after }) => JSON.stringify(after)),
        lines,
      ],
    );
    return digestOf(lines);
  }

  async erasePlan(tx: TenantTransaction, id: string): Promise<void> {
    for (const table of ['roster_changes', 'roster_faults'])
      await tx.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND import_id = $2`, [tx.scope.tenantId, id]);
  }

  /** The rows of the files are of no use any more; what they changed stays. */
  async eraseContents(tx: TenantTransaction, id: string): Promise<void> {
    await tx.query('UPDATE roster_files SET content = NULL WHERE tenant_id = $1 AND import_id = $2', [
      tx.scope.tenantId,
      id,
    ]);
  }

  async faults(tx: TenantTransaction, id: string): Promise<RosterFault[]> {
    return tx.query<RosterFault>(
      `SELECT file, row, heading AS column, message FROM roster_faults
       WHERE tenant_id = $1 AND import_id = $2 ORDER BY position`,
      [tx.scope.tenantId, id],
    );
  }

  /** Login ids and codes that the shown diff disables. */
  async shownDisables(tx: TenantTransaction, id: string): Promise<Set<string>> {
    const rows = await tx.query<{ name: string }>(
      `SELECT subject || ' ' || key AS name FROM roster_changes
       WHERE tenant_id = $1 AND import_id = $2 AND kind = 'disabled'`,
      [tx.scope.tenantId, id],
    );
    return new Set(rows.map(({ name }) => name));
  }
}
