import { Injectable } from '@nestjs/common';
import { type InvoiceDocument, type InvoiceFormat, InvoiceFiles } from '#libs/billing';
import { TenantDatabase, type TenantScope, type TenantSeal } from '#libs/database';
import { csvStream, tableOf } from '#libs/spreadsheet';
import { type TableFacts, tablesOfCities } from '../plan/catalogue.ts';
import { TABLES, type Taken } from '../plan/tables.ts';
import type { FileSource } from './export-files.ts';
import { columnsOf, rowsOf } from './table-reader.ts';

const INVOICE_FORMATS: readonly InvoiceFormat[] = ['pdf', 'json', 'xml', 'xlsx'];

type TakenTable = Exclude<Taken, { leftOut: string }>;
type Row = Record<string, unknown>;

/** The contents of an export, file by file and always in the same order: one that was cut short is gone on with. */
@Injectable()
export class ExportContents {
  constructor(
    private readonly database: TenantDatabase,
    private readonly invoiceFiles: InvoiceFiles,
  ) {}

  /** How many rows there are, for the progress. */
  count(scope: TenantScope): Promise<number> {
    return this.database.run(scope, async (tx) => {
      let total = 0;
      for (const { name } of await this.taken(scope)) {
        const [row] = await tx.query<{ count: number }>(
          `SELECT count(*)::float8 AS count FROM ${name} WHERE tenant_id = $1`,
          [scope.tenantId],
        );
        total += row!.count;
      }
      return total;
    });
  }

  /** @param onRows told of rows read for the first time */
  async *files(scope: TenantScope, seal: TenantSeal, onRows: (count: number) => void): AsyncGenerator<FileSource> {
    for (const { facts, taken, name } of await this.taken(scope)) {
      const rows = () => rowsOf(this.database, scope, seal, facts, taken);
      let count = 0;
      yield {
        path: `data/${name}.jsonl`,
        body: lines(rows(), () => {
          count += 1;
          onRows(1);
        }),
        rows: () => count,
      };
      if (taken.csv) yield { path: `csv/${name}.csv`, body: csvStream(csvTable(facts, taken, rows())) };
    }
    yield* this.batches(scope, seal);
    yield* this.invoices(scope);
  }

  private taken(scope: TenantScope): Promise<{ name: string; facts: TableFacts; taken: TakenTable }[]> {
    return this.database.run(scope, async (tx) =>
      (await tablesOfCities(tx)).flatMap((facts) => {
        const plan = TABLES[facts.name];
        if (!plan) throw new Error(`the plan of exits does not name the table ${facts.name}`);
        return 'leftOut' in plan.taken ? [] : [{ name: facts.name, facts, taken: plan.taken }];
      }),
    );
  }

  /** The files that were uploaded, as their rows are kept. */
  private async *batches(scope: TenantScope, seal: TenantSeal): AsyncGenerator<FileSource> {
    const batches = await this.database.run(scope, (tx) =>
      tx.query<{ id: string; columns: Buffer }>(
        'SELECT id, columns_sealed AS columns FROM batches WHERE tenant_id = $1 ORDER BY id',
        [scope.tenantId],
      ),
    );
    for (const { id, columns } of batches) {
      const headers = JSON.parse(seal.open({ rowId: id, column: 'columns' }, columns)) as string[];
      const columnsOfFile = headers.map((header, index) => ({
        header,
        kind: 'text' as const,
        of: (cells: readonly string[]) => cells[index] ?? '',
      }));
      yield {
        path: `files/batches/${id}.csv`,
        body: csvStream(tableOf('batch', columnsOfFile, this.cells(scope, seal, id))),
      };
    }
  }

  private async *cells(scope: TenantScope, seal: TenantSeal, batchId: string): AsyncGenerator<string[]> {
    let after = 0;
    let rows: { row: number; cells: Buffer }[];
    do {
      rows = await this.database.run(scope, (tx) =>
        tx.query(
          `SELECT row, cells_sealed AS cells FROM batch_rows
           WHERE tenant_id = $1 AND batch_id = $2 AND row > $3 ORDER BY row LIMIT 1000`,
          [scope.tenantId, batchId, after],
        ),
      );
      for (const { row, cells } of rows)
        yield JSON.parse(seal.open({ rowId: `${batchId}/${row}`, column: 'cells' }, cells)) as string[];
      after = rows.at(-1)?.row ?? after;
    } while (rows.length === 1_000);
  }

  private async *invoices(scope: TenantScope): AsyncGenerator<FileSource> {
    const issued = await this.database.run(scope, (tx) =>
      tx.query<{ number: string; document: string }>(
        'SELECT number, document FROM invoices WHERE tenant_id = $1 AND number IS NOT NULL ORDER BY number',
        [scope.tenantId],
      ),
    );
    for (const { number, document } of issued)
      for (const format of INVOICE_FORMATS)
        yield { path: `invoices/${number}.${format}`, body: this.invoice(JSON.parse(document), format) };
  }

  private async *invoice(document: InvoiceDocument, format: InvoiceFormat): AsyncGenerator<Uint8Array> {
    yield (await this.invoiceFiles.write(document, format, 'lines')).body;
  }
}

async function* lines(rows: AsyncIterable<string>, onRow: () => void): AsyncGenerator<string> {
  for await (const row of rows) {
    onRow();
    yield `${row}\n`;
  }
}

function csvTable(facts: TableFacts, taken: TakenTable, rows: AsyncIterable<string>) {
  const columns = columnsOf(facts, taken).map((header) => ({
    header,
    kind: 'text' as const,
    of: (row: Row) => cellOf(row[header]),
  }));
  return tableOf(facts.name, columns, parsed(rows));
}

async function* parsed(rows: AsyncIterable<string>): AsyncGenerator<Row> {
  for await (const row of rows) yield JSON.parse(row) as Row;
}

function cellOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
