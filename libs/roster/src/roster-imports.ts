import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, jstDayOf, jstDayRange } from '#libs/kernel';
import { TableReader } from '#libs/table-reader';
import { loadWorld } from './load-world.ts';
import { digestOf, disablesOf, lineOf, planRoster } from './plan/plan-roster.ts';
import { readHeader } from './plan/roster-cells.ts';
import { RosterRepository } from './roster-repository.ts';
import type { RosterFileKind, RosterImport, RosterMode, RosterState } from './roster.ts';

type Member = AuditActor & { readonly id: string };

/** When, and of what: the one who plans says what they have seen. */
export interface RosterDecision {
  /** Of the diff that was shown. */
  readonly digest: string;
  /** A JST day to come; null: at once. */
  readonly effectiveOn: string | null;
  /** How many members are disabled and departments closed, as it was shown. */
  readonly confirmedDisables: number;
}

const OPEN: readonly RosterState[] = ['draft', 'checked', 'failed'];
const DRAFTS_KEPT = 5;
const DAYS_AHEAD = 366;
const DAY_MS = 86_400_000;

/** What an administrator does with an import until the worker takes it over. */
@Injectable()
export class RosterImports {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reader: TableReader,
    private readonly repository: RosterRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** A new, empty import; asked for again under the same id it is the same. Old ones that were left lying are cancelled. */
  create(scope: TenantScope, actor: Member, id: string): Promise<RosterImport> {
    return this.database.run(scope, async (tx) => {
      await this.repository.insert(tx, id, actor.id, this.clock.now());
      const old = await tx.query<{ id: string }>(
        `UPDATE roster_imports SET state = 'cancelled', ended_at = $2 WHERE tenant_id = $1 AND id IN (
           SELECT id FROM roster_imports WHERE tenant_id = $1 AND state IN ('draft', 'checked')
           ORDER BY created_at DESC, id DESC OFFSET $3) RETURNING id`,
        [scope.tenantId, this.clock.now(), DRAFTS_KEPT],
      );
      for (const { id: oldId } of old) await this.forget(tx, oldId);
      return this.repository.get(tx, id);
    });
  }

  /**
   * Takes in a file, in the place of an earlier one of its kind. What is wrong with its rows the check says.
   * @throws DomainError REQUEST.NOT_FOUND, ROSTER.FILE_TOO_LARGE, _FILE_UNREADABLE, _TABLE_INVALID, _STEP_NOT_POSSIBLE
   */
  async putFile(
    scope: TenantScope,
    id: string,
    kind: RosterFileKind,
    file: { readonly bytes: Uint8Array; readonly name: string; readonly mode: RosterMode },
  ): Promise<RosterImport> {
    await this.database.run(scope, (tx) => this.openOne(tx, id));
    const { columns, rows } = await this.reader.read(file.bytes, 'ROSTER');
    const { faults } = readHeader(kind, { columns });
    if (faults.length > 0)
      throw new DomainError('ROSTER.TABLE_INVALID', {
        detail: '列名を直してください。',
        faults: faults.map(({ message }) => ({ pointer: '/rows/1', message })),
      });
    return this.change(scope, id, async (tx) => {
      await this.repository.putFile(tx, id, kind, { ...file, table: { columns, rows } });
    });
  }

  /** @throws DomainError REQUEST.NOT_FOUND, ROSTER.STEP_NOT_POSSIBLE */
  removeFile(scope: TenantScope, id: string, kind: RosterFileKind): Promise<RosterImport> {
    return this.change(scope, id, (tx) => this.repository.removeFile(tx, id, kind));
  }

  /**
   * The dry run: what the files would change in the city as it is now, or what is wrong with them. Nothing else happens.
   * @throws DomainError REQUEST.NOT_FOUND, ROSTER.NOTHING_TO_APPLY (no file), ROSTER.STEP_NOT_POSSIBLE
   */
  check(scope: TenantScope, actor: Member, id: string): Promise<RosterImport> {
    return this.database.run(scope, async (tx) => {
      await this.openOne(tx, id);
      const files = await this.repository.files(tx, id);
      if (!files.departments && !files.members) throw new DomainError('ROSTER.NOTHING_TO_APPLY');
      const now = this.clock.now();
      const day = jstDayOf(now);
      const plan = planRoster(await loadWorld(tx, day), files, day);
      const digest = await this.repository.writePlan(tx, id, plan);
      await tx.query(
        `UPDATE roster_imports SET state = 'checked', checked_at = $3, counts = $4, digest = $5, fault_count = $6,
           total = $7, done = 0, withdrawn = '[]' WHERE tenant_id = $1 AND id = $2`,
        [scope.tenantId, id, now, JSON.stringify(plan.counts), digest, plan.faults.length, plan.changes.length],
      );
      await this.record(tx, actor, 'roster-import.checked', id, { digest, faults: plan.faults.length });
      return this.repository.get(tx, id);
    });
  }

  /**
   * Hands the import to the worker, for now or for a day to come. The same decision sent again is the same decision.
   * @throws DomainError REQUEST.NOT_FOUND, ROSTER.OUTDATED (not what was shown), ROSTER.FAULTY, ROSTER.NOTHING_TO_APPLY,
   *   ROSTER.DISABLES_UNCONFIRMED, ROSTER.DATE_INVALID, ROSTER.STEP_NOT_POSSIBLE
   */
  plan(scope: TenantScope, actor: Member, id: string, decision: RosterDecision): Promise<RosterImport> {
    const { digest, effectiveOn, confirmedDisables } = decision;
    return this.database.run(scope, async (tx) => {
      const found = await this.repository.get(tx, id, 'FOR UPDATE OF i');
      const isSame = found.digest === digest && found.effectiveOn === effectiveOn;
      if (isSame && ['planned', 'applying', 'applied'].includes(found.state)) return found;
      if (found.state !== 'checked') throw new DomainError('ROSTER.STEP_NOT_POSSIBLE');
      const now = this.clock.now();
      const day = effectiveOn ?? jstDayOf(now);
      const effectiveAt = effectiveOn === null ? now : jstDayRange(day, day).start;
      const isToCome = effectiveAt > now && effectiveAt.getTime() < now.getTime() + DAYS_AHEAD * DAY_MS;
      if (effectiveOn !== null && !isToCome) throw new DomainError('ROSTER.DATE_INVALID');
      const { changes, faults } = planRoster(await loadWorld(tx, day), await this.repository.files(tx, id), day);
      if (faults.length > 0) throw new DomainError('ROSTER.FAULTY', { detail: faults[0]!.message });
      if (changes.length === 0) throw new DomainError('ROSTER.NOTHING_TO_APPLY');
      if (found.digest !== digest || digestOf(changes.map(lineOf)) !== digest) throw new DomainError('ROSTER.OUTDATED');
      if (disablesOf(changes).length !== confirmedDisables) throw new DomainError('ROSTER.DISABLES_UNCONFIRMED');
      await tx.query(
        `UPDATE roster_imports SET state = 'planned', planned_by = $3, planned_at = $4, planned_from = $5,
           effective_on = $6, effective_at = $7, done = 0, total = $8, failure_code = NULL, failure_detail = NULL
         WHERE tenant_id = $1 AND id = $2`,
        [scope.tenantId, id, actor.id, now, scope.segment, effectiveOn, effectiveAt, changes.length],
      );
      const details = { digest, effectiveOn, changes: changes.length, disables: confirmedDisables };
      await this.record(tx, actor, 'roster-import.planned', id, details);
      return this.repository.get(tx, id);
    });
  }

  /**
   * Withdraws what has not begun, or puts aside what has failed. @throws DomainError REQUEST.NOT_FOUND,
   * ROSTER.STEP_NOT_POSSIBLE once the worker has taken it
   */
  cancel(scope: TenantScope, actor: Member, id: string): Promise<RosterImport> {
    return this.database.run(scope, async (tx) => {
      const [cancelled] = await tx.query(
        `UPDATE roster_imports SET state = 'cancelled', ended_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state IN ('draft', 'checked', 'planned', 'failed') RETURNING id`,
        [scope.tenantId, id, this.clock.now()],
      );
      const found = await this.repository.get(tx, id);
      if (!cancelled && found.state !== 'cancelled') throw new DomainError('ROSTER.STEP_NOT_POSSIBLE');
      if (!cancelled) return found;
      await this.forget(tx, id);
      await this.record(tx, actor, 'roster-import.cancelled', id, {});
      return this.repository.get(tx, id);
    });
  }

  /** A change of the files: what was checked before no longer holds. */
  private change(
    scope: TenantScope,
    id: string,
    work: (tx: TenantTransaction) => Promise<void>,
  ): Promise<RosterImport> {
    return this.database.run(scope, async (tx) => {
      await this.openOne(tx, id);
      await work(tx);
      await this.repository.erasePlan(tx, id);
      await tx.query(
        `UPDATE roster_imports SET state = 'draft', counts = NULL, digest = NULL, fault_count = 0, ended_at = NULL
         WHERE tenant_id = $1 AND id = $2`,
        [scope.tenantId, id],
      );
      return this.repository.get(tx, id);
    });
  }

  private async openOne(tx: TenantTransaction, id: string): Promise<void> {
    const { state } = await this.repository.get(tx, id, 'FOR UPDATE OF i');
    if (!OPEN.includes(state)) throw new DomainError('ROSTER.STEP_NOT_POSSIBLE');
  }

  private async forget(tx: TenantTransaction, id: string): Promise<void> {
    await this.repository.eraseContents(tx, id);
    await this.repository.erasePlan(tx, id);
  }

  private record(
    tx: TenantTransaction,
    actor: Member,
    action: string,
    id: string,
    details: Readonly<Record<string, string | number | null>>,
  ): Promise<void> {
    const subject = { type: 'roster-import', id };
    return this.audit.append(tx, { action, actor, subject, segment: tx.scope.segment, details });
  }
}
