import { CellGuard } from '#libs/guardrail';
import { DomainError, type FieldFault, type Segment } from '#libs/kernel';
import { type TableRow, pointerOf } from '#libs/table-reader';
import { estimateInputTokens, worstCaseInputTokens } from '#libs/model-pool';
import type { ChatMessage } from '../job.ts';
import { inPieces, lengthOf } from './in-pieces.ts';
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
  inPieces(rows, ({ cells }) => template.lengthOf(cells) + template.size + lengthOf(cells));

/** The rows of a batch, read anew each time. */
type Rows = () => AsyncIterable<TableRow>;
/** Waited for between pieces of work, so that others go first. */
type Pause = () => Promise<unknown>;

/**
 * Looks at every prompt before the first one is accepted: what a template makes of harmless cells can hold a 個人番号, be
 * empty, or be too long. How long they are is added up before any of them is made.
 * @throws DomainError GUARD.MY_NUMBER_FOUND, BATCHES.TEMPLATE_INVALID, BATCHES.FILE_TOO_LARGE
 */
export async function inspectPrompts(
  rows: Rows,
  template: PromptTemplate,
  { maxTokens, tokensPerCall, segment }: { maxTokens: number; tokensPerCall: number; segment: Segment },
  pause: Pause,
): Promise<PromptTotals> {
  await demandLengths(rows, template, pause);
  const guard = new CellGuard(segment);
  const faults: FieldFault[] = [];
  const preview: { row: number; prompt: string }[] = [];
  const totals = { rows: 0, inputTokens: 0, worstCaseTokens: 0 };
  for await (const piece of inPromptPieces(rows(), template)) {
    await pause();
    for (const each of piece) {
      const { row, messages, inputTokens, worstCaseTokens } = promptOf(each, template, maxTokens);
      const prompt = messages[0]!.content;
      const pointer = pointerOf(row, null);
      guard.inspect({ pointer, place: `${row}行目のプロンプト`, heading: '', text: prompt });
      if (prompt.trim() === '') faults.push(blank(row, template));
      // As demandFit() for one question: no deployment could ever take it
      if (inputTokens + maxTokens > tokensPerCall)
        faults.push({ pointer, message: `${row}行目：文章と最大トークン数の合計が、一度に扱える量を超えています。` });
      if (preview.length < PREVIEW_ROWS) preview.push({ row, prompt });
      totals.rows += 1;
      totals.inputTokens += inputTokens;
      totals.worstCaseTokens += worstCaseTokens;
    }
  }
  guard.assertClean();
  demandNone(faults);
  return { ...totals, preview };
}

/** @throws DomainError BATCHES.TEMPLATE_INVALID, BATCHES.FILE_TOO_LARGE */
async function demandLengths(rows: Rows, template: PromptTemplate, pause: Pause): Promise<void> {
  const faults: FieldFault[] = [];
  let bytes = 0;
  let tooMuchAt: number | null = null;
  for await (const piece of inPieces(rows(), ({ cells }) => lengthOf(cells))) {
    await pause();
    for (const { number, cells } of piece) {
      if (template.lengthOf(cells) > MAX_PROMPT_CHARACTERS) faults.push(tooLong(number, cells, template));
      bytes += template.bytesOf(cells);
      if (bytes > MAX_PROMPT_BYTES) tooMuchAt ??= number;
    }
  }
  demandNone(faults);
  if (tooMuchAt !== null)
    throw new DomainError('BATCHES.FILE_TOO_LARGE', {
      detail: `プロンプトの合計が${tooMuchAt}行目までで大きくなりすぎます。テンプレートを短くするか、ファイルを分けてください。`,
    });
}

function tooLong(row: number, cells: readonly string[], template: PromptTemplate): FieldFault {
  const [length, most] = [template.lengthOf(cells), MAX_PROMPT_CHARACTERS].map((count) =>
    count.toLocaleString('ja-JP'),
  );
  const { index, name } = template.longestColumnOf(cells);
  return {
    pointer: pointerOf(row, index + 1),
    message:
      `${row}行目：プロンプトが ${length} 文字になります（${most} 文字まで）。` +
      `「${name}」列の文章を短くするか、テンプレートに入れる列名を減らしてください。`,
  };
}

/** Nothing but empty cells goes into it: the first of them is where to write something. */
function blank(row: number, template: PromptTemplate): FieldFault {
  const used = template.usedColumns();
  const names = used.map(({ name }) => `「${name}」`).join('');
  return {
    pointer: pointerOf(row, used[0]!.index + 1),
    message: `${row}行目：${names}列が空のため、プロンプトが空になります。文章を入れるか、行を削除してください。`,
  };
}

function demandNone(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  throw new DomainError('BATCHES.TEMPLATE_INVALID', {
    detail: `${faults.length}行のプロンプトに誤りがあります。`,
    faults: faults.slice(0, FAULTS_SHOWN),
  });
}
