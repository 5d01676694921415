import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditTrail } from '#libs/audit';
import { TenantDatabase, type TenantScope, type TenantTransaction } from '#libs/database';
import { Clock, DomainError, jstDayOf } from '#libs/kernel';
import { loadWorld } from './load-world.ts';
import { planRoster } from './plan/plan-roster.ts';
import { RosterChanges } from './roster-changes.ts';
import { RosterRepository } from './roster-repository.ts';
import type { ChangeKind, RosterCounts, RosterFault, RosterImport, RosterLine } from './roster.ts';

/** Takes single lines out of a plan before its day; what they are about stays as it is. */
@Injectable()
export class LineWithdrawals {
  constructor(
    private readonly database: TenantDatabase,
    private readonly repository: RosterRepository,
    private readonly changes: RosterChanges,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Withdrawn again it is the same. The other lines stay as they were shown.
   * @throws DomainError REQUEST.NOT_FOUND (no such line), ROSTER.STEP_NOT_POSSIBLE (not planned for a day to come),
   *   ROSTER.NOTHING_TO_APPLY (the last line: the import is cancelled instead), ROSTER.FAULTY (the rest would not hold)
   */
  withdraw(scope: TenantScope, actor: AuditActor, id: string, { subject, key }: RosterLine): Promise<RosterImport> {
    return this.database.run(scope, async (tx) => {
      const found = await this.repository.get(tx, id, 'FOR UPDATE OF i');
      if (found.withdrawn.some((line) => line.subject === subject && line.key === key)) return found;
      const { state, effectiveOn, total } = found;
      if (state !== 'planned' || effectiveOn === null || effectiveOn <= jstDayOf(this.clock.now()))
        throw new DomainError('ROSTER.STEP_NOT_POSSIBLE');
      const [line] = await tx.query<{ kind: ChangeKind; row: number | null }>(
        `DELETE FROM roster_changes WHERE tenant_id = $1 AND import_id = $2 AND subject = $3 AND key = $4
         RETURNING kind, row`,
        [scope.tenantId, id, subject, key],
      );
      if (!line) throw new DomainError('REQUEST.NOT_FOUND');
      if (total === 1) throw new DomainError('ROSTER.NOTHING_TO_APPLY');
      const [broken] = await this.faultsOf(tx, found, effectiveOn, { subject, key });
      if (broken) throw new DomainError('ROSTER.FAULTY', { detail: broken.message });
      const digest = await this.changes.digest(tx, id);
      const counts = found.counts && { ...found.counts, [subject]: without(found.counts[subject], line) };
      await tx.query(
        `UPDATE roster_imports SET withdrawn = $3, digest = $4, counts = $5, total = total - 1
         WHERE tenant_id = $1 AND id = $2`,
        [
          scope.tenantId,
          id,
          JSON.stringify([...found.withdrawn, { subject, key }]),
          digest,
          counts && JSON.stringify(counts),
        ],
      );
      await this.audit.append(tx, {
        action: 'roster-import.line-withdrawn',
        actor,
        subject: { type: 'roster-import', id },
        segment: scope.segment,
        details: { line: `${subject} ${key}`, kind: line.kind, effectiveOn, digest },
      });
      return this.repository.get(tx, id);
    });
  }

  /** What would be wrong with the rest that is not wrong already: people may be about to mend a plan by this. */
  private async faultsOf(
    tx: TenantTransaction,
    { id, withdrawn }: RosterImport,
    day: string,
    line: RosterLine,
  ): Promise<RosterFault[]> {
    const [world, files] = [await loadWorld(tx, day), await this.repository.files(tx, id)];
    const before = new Set(planRoster(world, files, day, withdrawn).faults.map(({ message }) => message));
    return planRoster(world, files, day, [...withdrawn, line]).faults.filter(({ message }) => !before.has(message));
  }
}

/** A row of the file that is not followed changes nothing. */
const without = (counts: RosterCounts, { kind, row }: { kind: ChangeKind; row: number | null }): RosterCounts => ({
  ...counts,
  [kind]: counts[kind] - 1,
  unchanged: counts.unchanged + (row === null ? 0 : 1),
});
