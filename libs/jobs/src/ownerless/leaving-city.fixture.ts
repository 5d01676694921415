import type { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { BatchRepository } from '../batches/batch-repository.ts';
import { Handovers } from './handovers.ts';
import { OwnerlessContent } from './ownerless-content.ts';
import { OwnerlessEraser } from './ownerless-eraser.ts';
import { OwnerlessRules } from './ownerless-rules.ts';
import { OwnerlessSweeper } from './ownerless-sweeper.ts';

export interface Person {
  readonly role?: string;
  readonly segment?: string;
  readonly department?: string;
  readonly expiresOn?: string;
  /** When they are disabled. */
  readonly left?: string;
}

/** Morning of 1 April 2027 in Japan. */
export const NOW = '2027-04-01T01:00:00Z';

/** A city on a real database whose people leave: one department (zeimu) below another (zaisei). */
export class LeavingCity {
  private cities = 0;
  readonly clock = new FrozenClock(NOW);
  readonly content = new OwnerlessContent(this.clock);
  private readonly audit = new AuditTrail(this.clock);
  readonly handovers = new Handovers(this.audit, this.clock);
  readonly rules = new OwnerlessRules(this.audit, this.clock);
  readonly sweepers: readonly OwnerlessSweeper[];
  readonly database: TenantDatabase;
  scope: TenantScope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  bureau = newId();
  section = newId();

  private constructor(
    private readonly testDatabase: TestDatabase,
    private readonly sources: readonly [everything: DataSource, app: DataSource, admission: DataSource],
  ) {
    this.database = new TenantDatabase(sources[1]);
    const eraser = new OwnerlessEraser(new BatchRepository(), this.audit);
    const admission = new AdmissionDatabase(sources[2]);
    const make = () => new OwnerlessSweeper(admission, this.database, this.content, this.handovers, eraser);
    this.sweepers = [make(), make()];
  }

  static async open(): Promise<LeavingCity> {
    const testDatabase = await createTestDatabase();
    const { superuser, app, admission } = testDatabase.urls;
    const open = (url: string) => createDataSource(url, 4).initialize();
    return new LeavingCity(testDatabase, [await open(superuser), await open(app), await open(admission)]);
  }

  async close(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.destroy()));
    await this.testDatabase.drop();
  }

  /** Past every wall. */
  all<Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> {
    return this.sources[0].query(sql, parameters);
  }

  /** Another city, at the same hour; rules of earlier ones are gone. */
  async found(): Promise<void> {
    this.clock.set(NOW);
    await this.all('TRUNCATE ownerless_rules');
    this.scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
    [this.bureau, this.section] = [newId(), newId()];
    await this.all(
      `INSERT INTO tenants (id, code, name, created_at, updated_at) VALUES ($1, $2, '市', now(), now())`,
      this.scope.tenantId,
      String(340_000 + (this.cities += 1)),
    );
    await this.all(
      `INSERT INTO departments (tenant_id, id, parent_id, code, name, created_at, updated_at)
       VALUES ($1, $2, NULL, 'zaisei', '財政部', now(), now()), ($1, $3, $2, 'zeimu', '税務課', now(), now())`,
      this.scope.tenantId,
      this.bureau,
      this.section,
    );
  }

  /** A member with one conversation of one question on LGWAN; the question may still be running. */
  async person(loginId: string, { role = 'staff', segment = 'lgwan', ...more }: Person = {}, running = false) {
    const [id, conversation] = [newId(), newId()];
    await this.all(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, expires_on,
         password_changed_at, created_at, updated_at)
       VALUES ($1, $2, $3, $3, $3, $4, $5, $6, $7, now(), now(), '2027-01-01T00:00:00Z')`,
      this.scope.tenantId,
      id,
      loginId,
      role,
      segment,
      more.department ?? this.section,
      more.expiresOn ?? null,
    );
    if (more.left)
      await this.all(`UPDATE members SET status = 'disabled', updated_at = $2 WHERE id = $1`, id, new Date(more.left));
    await this.all(
      `INSERT INTO conversations (tenant_id, segment, id, member_id, title_sealed, created_at, updated_at)
       VALUES ($1, 'lgwan', $2, $3, '\\x00', now(), now())`,
      this.scope.tenantId,
      conversation,
      id,
    );
    await this.ask(conversation, id, running);
    return { id, conversation };
  }

  async ask(conversation: string, member: string, running = false): Promise<void> {
    await this.all(
      `INSERT INTO jobs (tenant_id, segment, id, kind, status, member_id, conversation_id, model, max_tokens, input_sealed,
         input_bytes, accepted_at, finished_at)
       VALUES ($1, 'lgwan', $2, 'chat', $3, $4, $5, 'm', 10, 'in', 2, now(), $6)`,
      this.scope.tenantId,
      newId(),
      running ? 'running' : 'completed',
      member,
      conversation,
      running ? null : new Date(),
    );
  }

  /** A draft of one row. */
  async batchOf(member: string): Promise<string> {
    const id = newId();
    await this.all(
      `INSERT INTO batches (tenant_id, segment, id, member_id, name_sealed, columns_sealed, format, row_count, created_at)
       VALUES ($1, 'lgwan', $2, $3, 'n', 'c', 'csv', 1, now())`,
      this.scope.tenantId,
      id,
      member,
    );
    await this.all(`INSERT INTO batch_rows VALUES ($1, 'lgwan', $2, 2, 'x')`, this.scope.tenantId, id);
    return id;
  }

  async templateOf(member: string): Promise<string> {
    const id = newId();
    await this.all(
      `INSERT INTO templates (tenant_id, segment, id, member_id, title_sealed, body_sealed, created_at, updated_at)
       VALUES ($1, 'lgwan', $2, $3, 't', 'b', $4, $4)`,
      this.scope.tenantId,
      id,
      member,
      NOW,
    );
    return id;
  }

  /** Undefined for what is gone. */
  async ownerOf(table: 'conversations' | 'batches' | 'templates', id: string): Promise<string | undefined> {
    return (await this.all<{ id: string }>(`SELECT member_id AS id FROM ${table} WHERE id = $1`, id))[0]?.id;
  }

  /** Details of the city's entries of one action, in order. */
  async trail(action: string): Promise<object[]> {
    const entries = await this.all<{ details: string }>(
      `SELECT details FROM audit_entries WHERE tenant_id = $1 AND action = $2 ORDER BY sequence`,
      this.scope.tenantId,
      action,
    );
    return entries.map(({ details }) => JSON.parse(details) as object);
  }
}
