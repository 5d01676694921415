import type { MeteredUsage } from '#libs/metering';

/** Of usage records `u`; NULLs where there are none. */
export const USAGE_SUMS = `
  sum(u.input_tokens) AS input_tokens, sum(u.output_tokens) AS output_tokens,
  sum(u.cache_read_tokens) AS cache_read_tokens, sum(u.cache_write_tokens) AS cache_write_tokens,
  sum(u.input_characters) AS input_characters, sum(u.output_characters) AS output_characters`;

/** Joins to a job `j` what all its calls `used` as far as that is known; NULLs while nothing is. */
export const USED_BY_JOB = `CROSS JOIN LATERAL (
  SELECT ${USAGE_SUMS}
  FROM usage_records u WHERE u.tenant_id = j.tenant_id AND u.subject_type = 'job' AND u.subject_id = j.id) used`;

export type UsageColumns = Record<
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_read_tokens'
  | 'cache_write_tokens'
  | 'input_characters'
  | 'output_characters',
  string | null
>;

/** The columns of {@link USAGE_SUMS}, or null when no usage is known. */
export const usageOf = (row: UsageColumns): MeteredUsage | null =>
  row.input_tokens === null
    ? null
    : {
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        cacheReadTokens: Number(row.cache_read_tokens),
        cacheWriteTokens: Number(row.cache_write_tokens),
        inputCharacters: Number(row.input_characters),
        outputCharacters: Number(row.output_characters),
      };
