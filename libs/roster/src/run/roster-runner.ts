import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, jstDayOf } from '#libs/kernel';
import { Log } from '#libs/observability';
import { Signals } from '#libs/queue';
import { DepartmentTree } from '#libs/tenancy';
import { loadWorld } from '../load-world.ts';
import { type RosterPlan, digestOf, disablesOf, lineOf, planRoster } from '../plan/plan-roster.ts';
import { RosterRepository } from '../roster-repository.ts';
import type { RosterImport } from '../roster.ts';
import { DueImports, LEASE_MS, type TakenImport } from './due-imports.ts';
import { WorldMoved, writeRoster } from './roster-writer.ts';

const INTERVAL_MS = 2_000;
/** Looks again when somebody changed a member in the same second. */
const LOOKS = 3;
/** Attempts by workers that died or met an error nobody foresaw. */
const ATTEMPTS = 5;
/** Beyond so many changed members the whole city is told to read its people anew. */
const SIGNALS_AT_MOST = 200;

const SYSTEM = { type: 'system', id: null } as const;

/** Another worker has taken the import over. */
class TakenOver extends Error {}

/** Applies imports at their time, each in one transaction: killed anywhere, nothing has happened and somebody goes on. */
@Injectable()
export class RosterRunner {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopping = false;

  constructor(
    private readonly due: DueImports,
    private readonly database: TenantDatabase,
    private readonly repository: RosterRepository,
    private readonly departments: DepartmentTree,
    private readonly audit: AuditTrail,
    private readonly signals: Signals,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.running ??= this.runDue()
        .catch((error: unknown) => this.log.warn('roster.round-failed', { error }))
        .then(() => void (this.running = undefined));
    }, INTERVAL_MS);
  }

  /** Ends after the import that is being applied. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Applies whatever is due. @returns how many imports were ended, well or not */
  async runDue(): Promise<number> {
    let ended = 0;
    for (;;) {
      const taken = this.isStopping ? undefined : await this.due.take();
      if (!taken) return ended;
      await this.run(taken);
      ended += 1;
    }
  }

  private async run(taken: TakenImport): Promise<void> {
    try {
      const changed = await this.apply(taken);
      this.announce(taken, changed);
    } catch (error) {
      if (error instanceof TakenOver) return;
      if (error instanceof DomainError) return this.fail(taken, error);
      this.log.error('roster.not-applied', { tenantId: taken.tenantId, importId: taken.id, error });
      // Its lease runs out and it is tried again, unless that has been in vain too often
      if (taken.fence >= ATTEMPTS) await this.fail(taken, new DomainError('SYSTEM.UNEXPECTED'));
    }
  }

  private async apply(taken: TakenImport): Promise<string[]> {
    for (let look = 1; ; look += 1)
      try {
        return await this.database.run(taken, (tx) => this.applyIn(tx, taken));
      } catch (error) {
        if (!(error instanceof WorldMoved)) throw error;
        if (look === LOOKS) throw new DomainError('ROSTER.OUTDATED', { cause: error });
      }
  }

  /** @returns ids of the members whose rights have changed */
  private async applyIn(tx: TenantTransaction, taken: TakenImport): Promise<string[]> {
    const [city] = await tx.query<{ status: string }>('SELECT status FROM tenants WHERE id = $1', [tx.scope.tenantId]);
    if (city?.status !== 'active') throw new DomainError('TENANCY.SUSPENDED');
    const found = await this.repository.get(tx, taken.id);
    const now = this.clock.now();
    const day = found.effectiveOn ?? jstDayOf(now);
    await this.departments.takeTurn(tx);
    // Whoever changes an administrator meanwhile waits for this import, or this import for them
    await tx.query(`SELECT id FROM members WHERE tenant_id = $1 AND role = 'admin' ORDER BY id FOR NO KEY UPDATE`, [
      tx.scope.tenantId,
    ]);
    const world = await loadWorld(tx, day);
    const plan = planRoster(world, await this.repository.files(tx, taken.id), day, found.withdrawn);
    await this.assertAsShown(tx, found, plan);
    await this.progress(taken, 0);
    const changed = await writeRoster(tx, { world, plan, day, now, onProgress: (done) => this.progress(taken, done) });
    await this.conclude(tx, taken, plan, now);
    return changed;
  }

  /**
   * At once means what was shown, to the line. In between days the city goes on changing: then whatever the files still
   * change is changed, but nobody is disabled who was not shown to be.
   */
  private async assertAsShown(tx: TenantTransaction, found: RosterImport, plan: RosterPlan): Promise<void> {
    if (plan.faults.length > 0) throw new DomainError('ROSTER.FAULTY', { detail: plan.faults[0]!.message });
    if (found.effectiveOn === null) {
      if (digestOf(plan.changes.map(lineOf)) !== found.digest) throw new DomainError('ROSTER.OUTDATED');
      return;
    }
    const shown = await this.repository.shownDisables(tx, found.id);
    const unseen = disablesOf(plan.changes).filter(({ subject, key }) => !shown.has(`${subject} ${key}`));
    if (unseen.length > 0)
      throw new DomainError('ROSTER.OUTDATED', {
        detail: `確認したときには含まれていなかった職員または所属 ${unseen.length}件が無効になるため、反映を中止しました。`,
      });
  }

  private async conclude(tx: TenantTransaction, taken: TakenImport, plan: RosterPlan, now: Date): Promise<void> {
    // What was done, which after days may be less than what was shown
    const digest = await this.repository.writePlan(tx, taken.id, plan);
    await this.repository.eraseContents(tx, taken.id);
    const [applied] = await tx.query<{ plannedBy: string }>(
      `UPDATE roster_imports SET state = 'applied', ended_at = $4, done = total, counts = $5, digest = $6
       WHERE tenant_id = $1 AND id = $2 AND state = 'applying' AND fence = $3 RETURNING planned_by AS "plannedBy"`,
      [taken.tenantId, taken.id, taken.fence, now, JSON.stringify(plan.counts), digest],
    );
    if (!applied) throw new TakenOver();
    const { department, member } = plan.counts;
    await this.audit.append(tx, {
      action: 'roster-import.applied',
      actor: SYSTEM,
      subject: { type: 'roster-import', id: taken.id },
      segment: taken.segment,
      details: {
        plannedBy: applied.plannedBy,
        digest,
        departments: department.added + department.moved + department.changed + department.disabled,
        membersAdded: member.added,
        membersMoved: member.moved,
        membersChanged: member.changed,
        membersDisabled: member.disabled,
      },
    });
  }

  /** Told outside of the transaction, where people see it; it keeps the lease too. */
  private async progress(taken: TakenImport, done: number): Promise<void> {
    const leaseUntil = new Date(this.clock.now().getTime() + LEASE_MS);
    const [held] = await this.database.run(taken, (tx) =>
      tx.query(
        `UPDATE roster_imports SET done = least($4, total), lease_until = $5
         WHERE tenant_id = $1 AND id = $2 AND state = 'applying' AND fence = $3 RETURNING id`,
        [taken.tenantId, taken.id, taken.fence, done, leaseUntil],
      ),
    );
    if (!held) throw new TakenOver();
  }

  /** Whole and loud: nothing has changed, and the administrators see why. */
  private async fail(taken: TakenImport, { code, detail }: DomainError): Promise<void> {
    await this.database.run(taken, async (tx) => {
      const [failed] = await tx.query(
        `UPDATE roster_imports SET state = 'failed', ended_at = $4, done = 0, failure_code = $5, failure_detail = $6
         WHERE tenant_id = $1 AND id = $2 AND state = 'applying' AND fence = $3 RETURNING id`,
        [taken.tenantId, taken.id, taken.fence, this.clock.now(), code, detail ?? null],
      );
      if (!failed) return;
      await this.audit.append(tx, {
        action: 'roster-import.failed',
        actor: SYSTEM,
        subject: { type: 'roster-import', id: taken.id },
        segment: taken.segment,
        outcome: 'failed',
        details: { code },
      });
    });
    this.log.warn('roster.failed', { tenantId: taken.tenantId, importId: taken.id, code });
  }

  private announce({ tenantId }: TakenImport, changed: readonly string[]): void {
    if (changed.length > SIGNALS_AT_MOST) this.signals.publish({ kind: 'city.changed', tenantId });
    else for (const memberId of changed) this.signals.publish({ kind: 'member.changed', tenantId, memberId });
  }
}
