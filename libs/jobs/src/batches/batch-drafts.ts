import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, TenantDatabase } from '#libs/database';
import { CellGuard, type TableText } from '#libs/guardrail';
import { Clock, DomainError, type Segment, newId } from '#libs/kernel';
import { type Table, TableReader, pointerOf } from '#libs/table-reader';
import { type Requester, actorOf } from '../job.ts';
import { batchSubject } from './batch.ts';
import { BatchJobs } from './batch-jobs.ts';
import { BatchRepository } from './batch-repository.ts';
import { inPieces } from './in-pieces.ts';

/** Of one member or key. */
const DRAFTS_KEPT = 10;

/** Takes files in and erases them. A file that holds a 個人番号 outside the My Number segment is never stored. */
@Injectable()
export class BatchDrafts {
  constructor(
    private readonly database: TenantDatabase,
    private readonly contentSeal: ContentSeal,
    private readonly reader: TableReader,
    private readonly repository: BatchRepository,
    private readonly jobs: BatchJobs,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * Reads and checks a file and keeps its rows as a draft, all or nothing.
   * @returns the batch's id
   * @throws DomainError BATCHES.FILE_TOO_LARGE, BATCHES.FILE_UNREADABLE, BATCHES.TABLE_INVALID, GUARD.MY_NUMBER_FOUND
   */
  async create(requester: Requester, file: Uint8Array, name: string): Promise<string> {
    const { scope } = requester;
    try {
      const table = await this.reader.read(file, 'BATCHES');
      await guardTable(table, name, scope.segment);
      const seal = await this.contentSeal.forTenant(scope);
      const id = newId();
      await this.database.run(scope, async (tx) => {
        await this.repository.insert(tx, seal, { id, requester, name, table, createdAt: this.clock.now() });
        await this.repository.eraseOldDrafts(tx, requester, DRAFTS_KEPT);
        await this.audit.append(tx, {
          action: 'batch.created',
          actor: actorOf(requester),
          subject: batchSubject(id),
          segment: scope.segment,
          details: { rows: table.rows.length, columns: table.columns.length, format: table.format },
        });
      });
      return id;
    } catch (error) {
      if (error instanceof DomainError && error.code !== 'SYSTEM.UNAVAILABLE')
        await this.recordRefusal(requester, error);
      throw error;
    }
  }

  /** Erases a draft, or a finished batch with its words. @throws DomainError REQUEST.NOT_FOUND, BATCHES.NOT_FINISHED */
  async delete(requester: Requester, id: string): Promise<void> {
    const seal = await this.contentSeal.forTenant(requester.scope);
    await this.database.run(requester.scope, async (tx) => {
      const batch = await this.repository.own(tx, seal, requester, id, 'FOR UPDATE');
      const { finishedAt } = (await this.jobs.progress(tx, [id]))(id);
      if (batch.startedAt && !finishedAt)
        throw new DomainError('BATCHES.NOT_FINISHED', {
          detail: '処理中の一括処理は削除できません。残りを取り消してから削除してください。',
        });
      await this.repository.erase(tx, id);
      await this.audit.append(tx, {
        action: 'batch.deleted',
        actor: actorOf(requester),
        subject: batchSubject(id),
        segment: requester.scope.segment,
      });
    });
  }

  private async recordRefusal(requester: Requester, { code }: DomainError): Promise<void> {
    await this.database.run(requester.scope, (tx) =>
      this.audit.append(tx, {
        action: 'batch.refused',
        actor: actorOf(requester),
        segment: requester.scope.segment,
        outcome: 'refused',
        details: { code },
      }),
    );
  }
}

/** Lets others go first between pieces. @throws DomainError GUARD.MY_NUMBER_FOUND with row and column of every finding */
async function guardTable(table: Table, name: string, segment: Segment): Promise<void> {
  const guard = new CellGuard(segment);
  for await (const piece of inPieces(textsOf(table, name), ({ text }) => text.length)) {
    await setImmediate();
    piece.forEach((text) => guard.inspect(text));
  }
  guard.assertClean();
}

function* textsOf({ columns, rows }: Table, name: string): Generator<TableText> {
  yield { pointer: '/name', place: 'ファイル名', heading: '', text: name };
  for (const [index, text] of columns.entries())
    yield { pointer: pointerOf(1, index + 1), place: `1行目の${index + 1}列目`, heading: '', text };
  for (const { number, cells } of rows)
    for (const [index, text] of cells.entries()) {
      const heading = columns[index]!;
      yield { pointer: pointerOf(number, index + 1), place: `${number}行目「${heading}」列`, heading, text };
    }
}
