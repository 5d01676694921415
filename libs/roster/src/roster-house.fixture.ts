import type { DataSource } from 'typeorm';
import { AuditTrail } from '#libs/audit';
import { AdmissionDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { type Member, MemberDirectory } from '#libs/identity';
import { newId, tenantId } from '#libs/kernel';
import { createLogger } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';
import { TableReader } from '#libs/table-reader';
import { DepartmentTree } from '#libs/tenancy';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { LineWithdrawals } from './line-withdrawals.ts';
import { RosterChanges } from './roster-changes.ts';
import { RosterImports } from './roster-imports.ts';
import { RosterRepository } from './roster-repository.ts';
import type { RosterFileKind, RosterImport, RosterLine, RosterMode } from './roster.ts';
import { DueImports } from './run/due-imports.ts';
import { RosterRunner } from './run/roster-runner.ts';

/** Signals within this process, kept. */
class InnerSignals extends Signals {
  readonly sent: Signal[] = [];
  protected broadcast(message: string): void {
    this.sent.push(...(JSON.parse(message) as Signal[]));
  }
}

export const SYSTEM = { type: 'system', id: null } as const;
/** 20 March 2027, 10:00 in Japan. */
export const MARCH = new Date('2027-03-20T01:00:00Z');
/** 00:00 in Japan. */
export const FIRST_OF_APRIL = new Date('2027-03-31T15:00:00Z');
export const DEPARTMENTS = '所属コード,所属名,上位所属コード\nzaimu,財務部,\nzeimu,税務課,zaimu\n';

export type Files = Partial<Record<RosterFileKind, string | Buffer>>;

/** A city on a real database with one administrator, who takes rosters in. */
export class RosterHouse {
  private cities = 0;
  readonly clock = new FrozenClock(MARCH);
  private readonly audit = new AuditTrail(this.clock);
  readonly tree = new DepartmentTree(this.audit, this.clock);
  readonly directory = new MemberDirectory(this.tree, this.audit, this.clock);
  private readonly repository = new RosterRepository();
  readonly changes = new RosterChanges();
  readonly signals = new InnerSignals();
  readonly database: TenantDatabase;
  readonly imports: RosterImports;
  private readonly withdrawals: LineWithdrawals;
  scope: TenantScope = { tenantId: tenantId(newId()), segment: 'lgwan' };
  admin!: Member;

  private constructor(
    private readonly testDatabase: TestDatabase,
    private readonly sources: readonly [everything: DataSource, app: DataSource, admission: DataSource],
  ) {
    const { repository, changes, audit, clock } = this;
    this.database = new TenantDatabase(sources[1]);
    this.imports = new RosterImports(this.database, new TableReader(), repository, audit, clock);
    this.withdrawals = new LineWithdrawals(this.database, repository, changes, audit, clock);
  }

  static async open(): Promise<RosterHouse> {
    const testDatabase = await createTestDatabase();
    const { superuser, app, admission } = testDatabase.urls;
    const open = (url: string) => createDataSource(url, 6).initialize();
    return new RosterHouse(testDatabase, [await open(superuser), await open(app), await open(admission)]);
  }

  async close(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.destroy()));
    await this.testDatabase.drop();
  }

  /** Another city, in March. */
  async begin(): Promise<void> {
    this.clock.set(MARCH);
    this.signals.sent.length = 0;
    this.scope = { tenantId: tenantId(newId()), segment: 'lgwan' };
    await this.sources[0].query(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, [
      this.scope.tenantId,
      String(320_000 + (this.cities += 1)),
    ]);
    this.admin = await this.create('admin', 'admin');
  }

  get actor() {
    return { type: 'member', id: this.admin.id } as const;
  }

  create(loginId: string, role: 'admin' | 'staff'): Promise<Member> {
    const member = { loginId, displayName: loginId, role, segment: 'lgwan', departmentId: null } as const;
    return this.database.run(this.scope, (tx) => this.directory.create(tx, SYSTEM, member, 'x'));
  }

  async checked(files: Files, mode: RosterMode = 'listed'): Promise<RosterImport> {
    const { imports, scope, actor } = this;
    const { id } = await imports.create(scope, actor, newId());
    for (const [kind, text] of Object.entries(files) as [RosterFileKind, string | Buffer][])
      await imports.putFile(scope, id, kind, { bytes: Buffer.from(text as string), name: `${kind}.csv`, mode });
    return imports.check(scope, actor, id);
  }

  plan({ id, digest, counts }: RosterImport, effectiveOn: string | null = null): Promise<RosterImport> {
    const confirmedDisables = counts ? counts.department.disabled + counts.member.disabled : 0;
    const decision = { digest: digest ?? '0'.repeat(64), effectiveOn, confirmedDisables };
    return this.imports.plan(this.scope, this.actor, id, decision);
  }

  withdraw(id: string, line: RosterLine): Promise<RosterImport> {
    return this.withdrawals.withdraw(this.scope, this.actor, id, line);
  }

  view(id: string): Promise<RosterImport> {
    return this.database.run(this.scope, (tx) => this.repository.get(tx, id));
  }

  faults(id: string) {
    return this.database.run(this.scope, (tx) => this.repository.faults(tx, id));
  }

  async members(): Promise<Record<string, Member>> {
    const found = await this.database.run(this.scope, (tx) => this.directory.list(tx, { after: '', limit: 100 }));
    return Object.fromEntries(found.map((member) => [member.loginId, member]));
  }

  auditOf(action: string): Promise<{ details: string; outcome: string }[]> {
    return this.database.run(this.scope, (tx) =>
      tx.query('SELECT details, outcome FROM audit_entries WHERE action = $1', [action]),
    );
  }

  newDue(): DueImports {
    return new DueImports(new AdmissionDatabase(this.sources[2]), this.clock);
  }

  newRunner(): RosterRunner {
    const { database, repository, tree, audit, signals, clock } = this;
    const log = createLogger('spec', { level: 'silent' });
    return new RosterRunner(this.newDue(), database, repository, tree, audit, signals, clock, log);
  }
}
