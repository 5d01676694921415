import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { DomainError } from '#libs/kernel';
import type { TableRow } from '#libs/table-reader';
import { type PromptTotals, inspectPrompts } from './batch-prompts.ts';
import { PIECE } from './in-pieces.ts';
import { PromptTemplate } from './prompt-template.ts';

const COLUMNS = ['氏名', '用件'];
const LONGEST_CELL = 'あ'.repeat(32_767);
/** As long as a template may be, and as repetitive. */
const REPEATED = '{用件}'.repeat(5_000);

interface Task {
  readonly template: string;
  readonly cells: readonly (readonly string[])[];
  readonly maxTokens?: number;
  readonly tokensPerCall?: number;
  readonly pause?: () => Promise<unknown>;
}

async function inspect(task: Task): Promise<PromptTotals> {
  const { maxTokens = 100, tokensPerCall = 10_000_000, pause = () => setImmediate() } = task;
  const template = PromptTemplate.parse(task.template, COLUMNS);
  return inspectPrompts(() => rowsOf(task.cells), template, { maxTokens, tokensPerCall, segment: 'lgwan' }, pause);
}

async function* rowsOf(cells: Task['cells']): AsyncGenerator<TableRow> {
  for (const [index, row] of cells.entries()) yield { number: index + 2, cells: row };
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

async function refusalOf(task: Task): Promise<Pick<DomainError, 'code' | 'detail' | 'faults'>> {
  const { code, detail, faults } = await inspect(task).then(
    () => expect.unreachable(),
    (error: DomainError) => error,
  );
  return { code, detail, faults };
}

describe('the prompts of a file', () => {
  it('are counted, and the first are shown', async () => {
    const cells = times(5, ['山田', '住民票']);
    expect(await inspect({ template: '{氏名}：{用件}', cells })).toEqual({
      rows: 5,
      inputTokens: 5 * (6 + 12),
      worstCaseTokens: expect.any(Number),
      preview: [2, 3, 4].map((row) => ({ row, prompt: '山田：住民票' })),
    });
  });

  it('are refused where one is empty, by row and column', async () => {
    expect(
      await refusalOf({
        template: '{用件}\n',
        cells: [
          ['山田', '住民票'],
          ['鈴木', '　'],
        ],
      }),
    ).toEqual({
      code: 'BATCHES.TEMPLATE_INVALID',
      detail: '1行のプロンプトに誤りがあります。',
      faults: [
        {
          pointer: '/rows/3/columns/2',
          message: '3行目：「用件」列が空のため、プロンプトが空になります。文章を入れるか、行を削除してください。',
        },
      ],
    });
  });

  it('are refused where one is beyond what a call may take', async () => {
    const task = { template: '{用件}', cells: [['山田', 'あ'.repeat(901)]], maxTokens: 100, tokensPerCall: 1_000 };
    expect(await refusalOf(task)).toMatchObject({
      code: 'BATCHES.TEMPLATE_INVALID',
      faults: [{ pointer: '/rows/2', message: expect.stringContaining('2行目：文章と最大トークン数の合計') }],
    });
  });

  it('are refused where one would be too long, by row, column and length, without being made', async () => {
    // Together they would be longer than a string can be
    const cells = times(500, ['山田', LONGEST_CELL]);
    const { code, detail, faults } = await refusalOf({ template: REPEATED, cells });
    expect({ code, detail }).toEqual({
      code: 'BATCHES.TEMPLATE_INVALID',
      detail: '500行のプロンプトに誤りがあります。',
    });
    expect(faults).toHaveLength(100);
    expect(faults[0]).toEqual({
      pointer: '/rows/2/columns/2',
      message:
        '2行目：プロンプトが 163,835,000 文字になります（1,000,000 文字まで）。「用件」列の文章を短くするか、テンプレートに入れる列名を減らしてください。',
    });
  });

  it('are refused where all together are too large, at the row where they become so', async () => {
    const cells = times(10_000, ['山田', 'あ'.repeat(200)]);
    const { code, detail } = await refusalOf({ template: REPEATED, cells });
    expect(code).toBe('BATCHES.FILE_TOO_LARGE');
    expect(detail).toContain('71行目まで');
  });

  it('are refused where one holds a 個人番号 that no cell holds', async () => {
    const refused = refusalOf({ template: '{氏名}{用件}', cells: [['123456', '789018']] });
    expect(await refused).toMatchObject({
      code: 'GUARD.MY_NUMBER_FOUND',
      faults: [{ pointer: '/rows/2', message: expect.stringContaining('2行目のプロンプト') }],
    });
  });

  it('let others go first each time that so much text was looked at', async () => {
    const pause = countedPause();
    const half = 'あ'.repeat(PIECE.characters / 20);
    await inspect({ template: '{用件}\n{用件}', cells: times(100, ['', half]), pause });
    // Twenty cells are as much as a piece may be; of prompts with what they are made of, six are
    expect(pause.turns).toBe(Math.ceil(100 / 20) + Math.ceil(100 / 6));
  });

  it('let others go first also where a template repeats cells in which nothing stands', async () => {
    const pause = countedPause();
    await refusalOf({ template: REPEATED, cells: times(500, ['', '']), pause });
    expect(pause.turns).toBe(1 + Math.ceil(500 / (PIECE.characters / 5_000)));
  });

  it('let others go first also where no place takes in what is long', async () => {
    const pause = countedPause();
    await inspect({ template: '{氏名}', cells: times(100, ['山田', LONGEST_CELL]), pause });
    expect(pause.turns).toBe(2 * Math.ceil(100 / 6));
  });
});

/** Ends the turn of the event loop, and counts how often it did. */
function countedPause(): { (): Promise<void>; turns: number } {
  const pause = Object.assign(() => ((pause.turns += 1), setImmediate()), { turns: 0 });
  return pause;
}
