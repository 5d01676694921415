import { Worker } from 'node:worker_threads';
import { Injectable } from '@nestjs/common';
import { DomainError, type FieldFault } from '#libs/kernel';
import type { Table, TableFailure, TableFault, TableRefusal, TableResult } from './table.ts';

const MEMORY_MB = 512;
const WITHIN_MS = 20_000;
/** Files read at once; each may take a core and {@link MEMORY_MB}. */
const AT_ONCE = 2;

const FAILURES = {
  too_large: 'FILE_TOO_LARGE',
  unreadable: 'FILE_UNREADABLE',
  invalid: 'TABLE_INVALID',
} as const satisfies Record<TableFailure, string>;

/** Whose file it is: each domain refuses under codes of its own. */
export type TableOwner = 'BATCHES' | 'ROSTER';

// Compiled it stands beside this file as JavaScript, from source Node reads the TypeScript itself.
const THREAD = new URL(`./table-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Reads uploaded files, each in a thread of its own with bounded memory and time: files are hostile. */
@Injectable()
export class TableReader {
  private reading = 0;

  /** @throws DomainError of the owner: FILE_TOO_LARGE, FILE_UNREADABLE, TABLE_INVALID; SYSTEM.UNAVAILABLE */
  async read(file: Uint8Array, owner: TableOwner): Promise<Table> {
    if (this.reading >= AT_ONCE) throw new DomainError('SYSTEM.UNAVAILABLE', { retryAfterSeconds: 5 });
    this.reading += 1;
    try {
      const { table, refusal } = await readInThread(file, owner);
      if (refusal) throw asDomainError(refusal, owner);
      return table;
    } finally {
      this.reading -= 1;
    }
  }
}

async function readInThread(file: Uint8Array, owner: TableOwner): Promise<TableResult> {
  const thread = new Worker(THREAD, {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    env: {},
  });
  const tooLong = setTimeout(() => void thread.terminate(), WITHIN_MS);
  try {
    return await new Promise<TableResult>((resolve, reject) => {
      thread
        .once('message', resolve)
        .once('error', reject)
        .once('exit', () => reject(new Error('the thread ended')));
    });
  } catch (cause) {
    const detail = 'ファイルが大きすぎるか複雑すぎるため、読み取れません。行や列を減らしてください。';
    throw new DomainError(`${owner}.FILE_TOO_LARGE`, { detail, cause });
  } finally {
    clearTimeout(tooLong);
    await thread.terminate();
  }
}

const asDomainError = ({ failure, detail, faults }: TableRefusal, owner: TableOwner): DomainError =>
  new DomainError(`${owner}.${FAILURES[failure]}`, { detail, faults: faults.map(toFieldFault) });

export const pointerOf = (row: number, column: number | null): string =>
  column === null ? `/rows/${row}` : `/rows/${row}/columns/${column}`;

const toFieldFault = ({ row, column, message }: TableFault): FieldFault => ({
  pointer: pointerOf(row, column),
  message,
});
