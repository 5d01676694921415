import { buffer, text } from 'node:stream/consumers';
import { readXlsx } from 'hucre/xlsx';
import { expect, it } from 'vitest';
import type { BatchRowView } from './batch.ts';
import type { BatchResults } from './batch-reader.ts';
import { type ResultWords, resultCsv, resultXlsx } from './result-file.ts';

const LONG = 'あ'.repeat(40_000);
const WORDS: ResultWords = {
  answer: '回答',
  status: '状態',
  note: '備考',
  statusOf: ({ status }) => status,
  noteOf: ({ finishReason }) => (finishReason === 'length' ? '途中まで。' : ''),
  cutInWorkbook: 'セルに入るところまで。',
};

async function* rowsOf(...answers: readonly Pick<BatchRowView, 'answer' | 'finishReason'>[]): BatchResults['rows'] {
  for (const [index, answer] of answers.entries())
    yield { row: index + 2, jobId: `j${index}`, status: 'completed', cells: ['問'], errorCode: null, ...answer };
}

const results = (): BatchResults => ({
  name: '一覧.csv',
  columns: ['用件'],
  rows: rowsOf(
    { answer: '短い', finishReason: 'stop' },
    { answer: LONG, finishReason: 'stop' },
    { answer: LONG, finishReason: 'length' },
  ),
});

it('a workbook holds of an answer what a cell can, and its row says that this is not all', async () => {
  const { sheets } = await readXlsx(await buffer(resultXlsx(results(), WORDS)));
  const [, short, long, cutOff] = sheets[0]!.rows;
  expect(short).toEqual(['問', '短い', 'completed', '']);
  expect(long).toEqual(['問', `${LONG.slice(0, 32_766)}…`, 'completed', 'セルに入るところまで。']);
  expect(cutOff?.[3]).toBe('途中まで。セルに入るところまで。');
});

it('a CSV holds the whole of every answer', async () => {
  const csv = await text(resultCsv(results(), WORDS));
  expect(csv).toContain(`問,${LONG},completed,\r\n`);
  expect(csv).not.toContain(WORDS.cutInWorkbook);
});
