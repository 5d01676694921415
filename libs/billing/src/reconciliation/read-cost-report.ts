import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { Decimal } from 'decimal.js';
import { DomainError } from '#libs/kernel';
import { CostExplorerReader } from './cost-explorer-reader.ts';
import { REPORT_LIMITS, type ReportFormat, type ReportLine, type ReportReader, Usd, refused } from './cost-report.ts';
import { CurReader } from './cur-reader.ts';
import { openReport } from './report-text.ts';

/** Lines of one day, region, product, usage type and charge, summed up. */
export interface ReportSum extends ReportLine {
  /** Of the file; `fileLine` is the first of them. */
  readonly fileLines: number;
}

/** What a report file says, checked from its first line to its last. */
export interface CostReport {
  readonly format: ReportFormat;
  readonly sha256: Buffer;
  readonly fileLines: number;
  readonly sums: readonly ReportSum[];
  /** Lines that are not about models. */
  readonly other: { readonly lines: number; readonly usd: Decimal };
  readonly taxUsd: Decimal;
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a CUR 2.0 or Cost Explorer CSV, gzip or not, as it arrives. Memory is bounded by the sums, not by the file.
 * @param month `YYYY-MM` (UTC) that every line has to be of
 * @throws DomainError RECONCILIATION.*, naming line and column
 */
export async function readCostReport(file: AsyncIterable<Uint8Array>, month: string): Promise<CostReport> {
  const text = await openReport(file);
  const parser = parse({ bom: true, info: true, max_record_size: REPORT_LIMITS.recordBytes });
  const totals = new Totals();
  let reader: ReportReader | undefined;
  try {
    await pipeline(text.bytes, text.unpack, text.decode, parser, async (records: AsyncIterable<CsvRecord>) => {
      for await (const { record, info } of records) {
        if (reader) totals.add(reader, record, info.lines);
        else reader = readerFor(record, month);
      }
    });
  } catch (error) {
    throw asRefusal(error, parser.info.lines);
  }
  if (!reader || totals.fileLines === 0)
    throw new DomainError('RECONCILIATION.FILE_UNREADABLE', { detail: '明細が1行もありません。' });
  return { format: reader.format, sha256: text.sha256(), ...totals.result() };
}

function readerFor(header: readonly string[], month: string): ReportReader {
  const names = header.map((name) => name.trim());
  if (CostExplorerReader.speaks(names)) return new CostExplorerReader(names, month);
  if (CurReader.speaks(names)) return new CurReader(names, month);
  throw new DomainError('RECONCILIATION.COLUMNS_MISSING', {
    detail: 'CUR 2.0 または Cost Explorer の CSV ではありません（1行目の列名を確認してください）。',
  });
}

function asRefusal(error: unknown, line: number): unknown {
  if (error instanceof CsvError)
    return refused('RECONCILIATION.FILE_UNREADABLE', line, null, 'CSV の列数または引用符（"）が正しくありません。');
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_'))
    return new DomainError('RECONCILIATION.FILE_UNREADABLE', { detail: 'gzip として展開できません。', cause: error });
  return error;
}

class Totals {
  fileLines = 0;
  private readonly sums = new Map<string, ReportSum>();
  private other = { lines: 0, usd: new Usd(0) };
  private taxUsd = new Usd(0);

  add(reader: ReportReader, record: readonly string[], fileLine: number): void {
    this.fileLines += 1;
    for (const read of reader.read(record, fileLine)) {
      if (read.scope === 'model') this.addLine(read.line);
      else if (read.scope === 'tax') this.taxUsd = this.taxUsd.plus(read.usd);
      else this.other = { lines: this.other.lines + 1, usd: this.other.usd.plus(read.usd) };
    }
  }

  result(): Pick<CostReport, 'fileLines' | 'sums' | 'other' | 'taxUsd'> {
    return { fileLines: this.fileLines, sums: [...this.sums.values()], other: this.other, taxUsd: this.taxUsd };
  }

  private addLine(line: ReportLine): void {
    const key = JSON.stringify([line.day, line.region, line.productCode, line.usageType, line.charge]);
    const sum = this.sums.get(key);
    if (!sum && this.sums.size >= REPORT_LIMITS.sums)
      throw refused('RECONCILIATION.FILE_TOO_LARGE', line.fileLine, null, '使用タイプの種類が多すぎます。');
    this.sums.set(key, sum ? plus(sum, line) : { ...line, fileLines: 1 });
  }
}

const plus = (sum: ReportSum, line: ReportLine): ReportSum => ({
  ...sum,
  fileLines: sum.fileLines + 1,
  tokens: sum.tokens && line.tokens ? sum.tokens.plus(line.tokens) : null,
  usd: sum.usd.plus(line.usd),
});
