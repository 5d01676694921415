import { CellGuard } from '#libs/guardrail';
import { DomainError, type FieldFault, type Segment } from '#libs/kernel';
import { type TableRow, pointerOf } from '#libs/table-reader';
import { estimateInputTokens, worstCaseInputTokens } from '#libs/model-pool';
import type { ChatMessage } from '../job.ts';
import { inPieces } from './in-pieces.ts';
import type { PromptTemplate } from './prompt-template.ts';

const PREVIEW_ROWS = 3;
/** As long as one question may be. */
const MAX_PROMPT_CHARACTERS = 1_000_000;
/** What all prompts of a batch may hold: a template repeats itself in every row. */
const MAX_PROMPT_BYTES = 200 * 1024 * 1024;
const FAULTS_SHOWN = 100;

/** The request that a row becomes. */
export interface RowPrompt {
  readonly row: number;
  readonly messages: readonly ChatMessage[];
  readonly inputTokens: number;
  /** Tokens that the row can cost at most. */
  readonly worstCaseTokens: number;
}

export interface PromptTotals {
  readonly rows: number;
  readonly inputTokens: number;
  readonly worstCaseTokens: number;
  readonly preview: readonly { readonly row: number; readonly prompt: string }[];
}

/** The prompt of a row, as it will be sent. */
export function promptOf({ number, cells }: TableRow, template: PromptTemplate, maxTokens: number): RowPrompt {
  const messages = [{ role: 'user' as const, content: template.compose(cells) }];
  return {
    row: number,
    messages,
    inputTokens: estimateInputTokens(messages),
    worstCaseTokens: worstCaseInputTokens(messages) + maxTokens,
  };
}

/** Rows in groups whose prompts may be made at once. An empty cell is work in each of its places, too. */
export const inPromptPieces = (rows: AsyncIterable<TableRow>, template: PromptTemplate): AsyncGenerator<TableRow[]> =>
  inPieces(rows, ({ cells }) => template.lengthOf(cells) + template.size);

/**
 * Looks at every prompt before the first one is accepted: what a template makes of harmless cells can hold a 個人番号, be
 * empty, or be too long. How long it is, is known before it is made.
 * @param pause is waited for between pieces of work, so that others go first
 * @throws DomainError GUARD.MY_NUMBER_FOUND, BATCHES.TEMPLATE_INVALID, BATCHES.FILE_TOO_LARGE
 */
export async function inspectPrompts(
  rows: AsyncIterable<TableRow>,
  template: PromptTemplate,
  { maxTokens, tokensPerCall, segment }: { maxTokens: number; tokensPerCall: number; segment: Segment },
  pause: () => Promise<unknown>,
): Promise<PromptTotals> {
  const guard = new CellGuard(segment);
  const faults: FieldFault[] = [];
  const preview: { row: number; prompt: string }[] = [];
  const totals = { rows: 0, inputTokens: 0, worstCaseTokens: 0, bytes: 0 };
  for await (const piece of inPromptPieces(rows, template)) {
    await pause();
    for (const { number: row, cells } of piece) {
      totals.rows += 1;
      const tooLong = lengthFaultOf(row, cells, template);
      if (tooLong) {
        faults.push(tooLong);
        continue;
      }
      totals.bytes += template.bytesOf(cells);
      if (totals.bytes > MAX_PROMPT_BYTES)
        throw new DomainError('BATCHES.FILE_TOO_LARGE', {
          detail: `プロンプトの合計が${row}行目までで大きくなりすぎます。テンプレートを短くするか、ファイルを分けてください。`,
        });
      const { messages, inputTokens, worstCaseTokens } = promptOf({ number: row, cells }, template, maxTokens);
      const prompt = messages[0]!.content;
      const pointer = pointerOf(row, null);
      guard.inspect({ pointer, place: `${row}行目のプロンプト`, heading: '', text: prompt });
      if (prompt.trim() === '') faults.push({ pointer, message: `${row}行目：プロンプトが空になります。` });
      // As demandFit() for one question: no deployment could ever take it
      if (inputTokens + maxTokens > tokensPerCall)
        faults.push({ pointer, message: `${row}行目：文章と最大トークン数の合計が、一度に扱える量を超えています。` });
      if (preview.length < PREVIEW_ROWS) preview.push({ row, prompt });
      totals.inputTokens += inputTokens;
      totals.worstCaseTokens += worstCaseTokens;
    }
  }
  guard.assertClean();
  if (faults.length > 0)
    throw new DomainError('BATCHES.TEMPLATE_INVALID', {
      detail: `${faults.length}行のプロンプトに誤りがあります。`,
      faults: faults.slice(0, FAULTS_SHOWN),
    });
  return { rows: totals.rows, inputTokens: totals.inputTokens, worstCaseTokens: totals.worstCaseTokens, preview };
}

function lengthFaultOf(row: number, cells: readonly string[], template: PromptTemplate): FieldFault | null {
  const length = template.lengthOf(cells);
  if (length <= MAX_PROMPT_CHARACTERS) return null;
  const { index, name } = template.longestColumnOf(cells);
  return {
    pointer: pointerOf(row, index + 1),
    message:
      `${row}行目：プロンプトが ${length.toLocaleString('ja-JP')} 文字になります（${MAX_PROMPT_CHARACTERS.toLocaleString('ja-JP')} 文字まで）。` +
      `「${name}」列の文章を短くするか、テンプレートに入れる列名を減らしてください。`,
  };
}
