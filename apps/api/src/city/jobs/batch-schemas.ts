import { z } from 'zod';
import type { BatchDetail, BatchForecast, BatchRowView, BatchView, ResultWords } from '#libs/jobs';
import { ERROR_WORDS } from '../../http/error-words.ts';
import { instant, instantOrNull } from '../../http/wire.ts';
import { errorOf, finishReason, jobError, modelName, usage } from './job-schemas.ts';

const MAX_TEMPLATE_CHARACTERS = 20_000;

const rowStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']);

export const batchPlan = z
  .strictObject({
    template: z.string().min(1).max(MAX_TEMPLATE_CHARACTERS),
    model: modelName.optional(),
    maxTokens: z.int().min(1).max(1_000_000).optional(),
    purposeCode: z.string().min(1).max(32).optional(),
  })
  .meta({ id: 'BatchPlan' });

export const batchRetry = z.strictObject({ round: z.int().min(1) }).meta({ id: 'BatchRetry' });

const counts = z.object({
  queued: z.int(),
  running: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});

export const batch = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(['draft', 'running', 'finished']),
    format: z.enum(['csv', 'xlsx']),
    encoding: z.enum(['utf-8', 'shift_jis']).nullable(),
    columns: z.array(z.string()),
    rowCount: z.int(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    plan: z
      .object({ template: z.string(), model: z.string(), maxTokens: z.int(), purposeCode: z.string().nullable() })
      .nullable(),
    round: z.int(),
    counts,
    /** Rows that a retry would give another job: failed, or cancelled by nobody of the city. */
    retryable: z.int(),
    /** Whose it was before, where it was handed over. */
    handedOverFrom: z.string().nullable(),
  })
  .meta({ id: 'Batch' });

export const batchDetail = batch
  .extend({
    /** Of all its calls so far, those of earlier rounds too; null while nothing is known. */
    usage: usage.nullable(),
    /** Whether no row runs any more and of no call it is still to be found out what it used. */
    isUsageFinal: z.boolean(),
  })
  .meta({ id: 'BatchDetail' });

export const batchForecast = z
  .object({
    rowCount: z.int(),
    model: z.string(),
    maxTokens: z.int(),
    preview: z.array(z.object({ row: z.int(), prompt: z.string() })),
    estimatedTokens: z.int(),
    /** By the price list of now, without tax; null where it has no price. The city's contract says what it is charged. */
    estimatedJpy: z.int().nullable(),
    worstCaseTokens: z.int(),
    remainingTokens: z.int(),
    fitsBudget: z.boolean(),
  })
  .meta({ id: 'BatchForecast' });

export const batchRow = z
  .object({
    row: z.int(),
    jobId: z.uuid(),
    status: rowStatus,
    cells: z.array(z.string()),
    answer: z.string().nullable(),
    /** How the answer ended: by itself, cut off at maxTokens, or stopped by the provider's filter. */
    finishReason,
    /** Why it failed, or why it was cancelled where nobody of the city did. */
    error: jobError.nullable(),
  })
  .meta({ id: 'BatchRow' });

export const rowsQuery = z.strictObject({
  status: rowStatus.optional(),
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const resultsQuery = z.strictObject({ format: z.enum(['csv', 'xlsx']).default('csv') });

export const presentBatch = (view: BatchView): z.infer<typeof batch> => ({
  ...view,
  columns: [...view.columns],
  createdAt: instant(view.createdAt),
  startedAt: instantOrNull(view.startedAt),
  finishedAt: instantOrNull(view.finishedAt),
});

export const presentDetail = ({ usage: used, isUsageFinal, ...view }: BatchDetail): z.infer<typeof batchDetail> => ({
  ...presentBatch(view),
  usage: used,
  isUsageFinal,
});

export const presentForecast = (
  { estimatedInputTokens, estimatedOutputTokens, ...forecast }: BatchForecast,
  estimatedJpy: number | null,
): z.infer<typeof batchForecast> => ({
  ...forecast,
  estimatedTokens: estimatedInputTokens + estimatedOutputTokens,
  estimatedJpy,
  preview: [...forecast.preview],
  fitsBudget: forecast.worstCaseTokens <= forecast.remainingTokens,
});

export const presentRow = ({ errorCode, cells, ...row }: BatchRowView): z.infer<typeof batchRow> => ({
  ...row,
  cells: [...cells],
  error: errorOf(errorCode),
});

const STATUS_WORDS: Record<BatchRowView['status'], string> = {
  queued: '順番待ち',
  running: '処理中',
  completed: '完了',
  failed: '失敗',
  cancelled: '取消',
};

const ENDING_WORDS: Record<NonNullable<BatchRowView['finishReason']>, string> = {
  stop: '',
  length: '回答が最大トークン数に達したため、途中で終わっています。',
  content_filter: 'モデルの安全機能により、回答の全部または一部が表示されていません。',
};

/** What a result file says beside the rows. */
export const RESULT_WORDS: ResultWords = {
  answer: '回答',
  status: '状態',
  note: '備考',
  statusOf: ({ status }) => STATUS_WORDS[status],
  noteOf: ({ errorCode, finishReason: ending }) => {
    if (errorCode) return ERROR_WORDS[errorCode].ja;
    return ending ? ENDING_WORDS[ending] : '';
  },
  cutInWorkbook: '回答が長く、Excel のセルに入るところまでを載せています。全文は画面か CSV の結果にあります。',
};
