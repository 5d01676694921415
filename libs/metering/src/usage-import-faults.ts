import type { FieldFault } from '#libs/kernel';
import { type UsageColumn, USAGE_COLUMNS, importInvalid } from './usage-file.ts';

/** More than any model can take or give in one call: a number beyond it is a slip of the pen. */
const TOKENS_MAX = 1_000_000_000;
const OLDEST_DAYS = 400;
/** Whoever measures may have a clock that is ahead. */
const AHEAD_MINUTES = 5;

const WORDS: Readonly<Record<UsageColumn, string>> = {
  city_code: '登録のない団体です。',
  department_code: 'この団体に登録のない所属です。',
  segment: 'lgwan、my_number、internet のいずれかを書いてください。',
  model: '単価の登録がないモデルです。先に料金を登録してください。',
  deployment_id: '1文字以上64文字までで書いてください。',
  call: '1文字以上128文字までで書いてください。',
  accepted_at: `${OLDEST_DAYS}日前から現在までの日時を、2026-11-22T10:00:00+09:00 の形で書いてください。`,
  input_tokens: countWords(),
  output_tokens: countWords(),
  cache_read_tokens: countWords(),
  cache_write_tokens: countWords(),
  input_characters: countWords(),
  output_characters: countWords(),
};

/** On such a day nobody could bill the call, or say that it is on trial. */
const BARE_WORDS = 'この日は、この団体の契約も試行もありません。団体と日時、契約の期間を確かめてください。';

/** A code is one city's at a time: one that left keeps it, and the one that came back has it, too. */
export const CITIES = `(SELECT id, code FROM tenants WHERE status <> 'deleted')`;

const isBad: Readonly<Record<UsageColumn, string>> = {
  city_code: 't.id IS NULL',
  department_code: 'i.department_code IS NOT NULL AND d.id IS NULL',
  segment: 'NOT i.segment = ANY ($2)',
  model: 'm.model IS NULL',
  deployment_id: 'length(i.deployment_id) NOT BETWEEN 1 AND 64',
  call: 'length(i.call) NOT BETWEEN 1 AND 128',
  accepted_at: `i.accepted_at > (SELECT $1::timestamptz + interval '${AHEAD_MINUTES} min')
    OR i.accepted_at < (SELECT $1::timestamptz - interval '${OLDEST_DAYS} days')`,
  input_tokens: outOfBounds('input_tokens'),
  output_tokens: outOfBounds('output_tokens'),
  cache_read_tokens: outOfBounds('cache_read_tokens'),
  cache_write_tokens: outOfBounds('cache_write_tokens'),
  input_characters: outOfBounds('input_characters'),
  output_characters: outOfBounds('output_characters'),
};

/** One row of a file that cannot be, and which of its columns. */
export interface FaultyRow {
  readonly line: string;
  readonly columns: readonly UsageColumn[];
  /** Whether its day is one that neither a contract nor a trial of its city covers. */
  readonly isBare: boolean;
}

/** The first rows that cannot be. $1: now, $2: the segments. */
export const FAULTY_ROWS = `
  WITH days AS MATERIALIZED (SELECT DISTINCT city_code, day FROM usage_import WHERE isfinite(day)),
  covered AS MATERIALIZED (
    SELECT c.* FROM (SELECT DISTINCT date_trunc('month', day)::date AS month FROM days) m
    CROSS JOIN LATERAL covered_days(m.month) c),
  bare AS MATERIALIZED (
    SELECT s.city_code, s.day FROM days s JOIN ${CITIES} t ON t.code = s.city_code
    WHERE NOT EXISTS (SELECT FROM covered c WHERE c.tenant_id = t.id AND s.day BETWEEN c.day_from AND c.day_to))
  SELECT i.line, b.day IS NOT NULL AS "isBare", array_remove(ARRAY[
      ${USAGE_COLUMNS.map((name) => `CASE WHEN ${isBad[name]} THEN '${name}' END`).join(', ')}], NULL) AS columns
  FROM usage_import i
  LEFT JOIN ${CITIES} t ON t.code = i.city_code
  LEFT JOIN departments d ON d.tenant_id = t.id AND d.code = i.department_code
  LEFT JOIN (SELECT DISTINCT model FROM model_prices WHERE approved_at IS NOT NULL AND withdrawn_at IS NULL) m
    ON m.model = i.model
  LEFT JOIN bare b ON b.city_code = i.city_code AND b.day = i.day
  WHERE b.day IS NOT NULL OR ${USAGE_COLUMNS.map((name) => `(${isBad[name]})`).join(' OR ')}
  ORDER BY i.line LIMIT 20`;

/** Lines are counted as an editor counts them: the header is the first. */
export const faultsOf = ({ line, columns, isBare }: FaultyRow): FieldFault[] => {
  const faults = columns.map((name) => ({ pointer: `/${Number(line) + 1}/${name}`, message: WORDS[name] }));
  if (!isBare || columns.includes('accepted_at')) return faults;
  return [...faults, { pointer: `/${Number(line) + 1}/accepted_at`, message: BARE_WORDS }];
};

/** Faults of the data itself: class 22 (cannot be read), 23502 (is missing). */
const DATA_FAULT = /^(?:22|23502)/;

/** What COPY found fault with, as the reader of the file would say it; everything else unchanged. */
export function faultOfCopy(error: unknown): unknown {
  const { code, where, column } = error as { code?: string; where?: string; column?: string };
  if (!code || !DATA_FAULT.test(code)) return error;
  // "COPY usage_import, line 3, column input_tokens: ...", in the language of the server
  const line = Number(/usage_import\D*(\d+)/.exec(where ?? '')?.[1] ?? 0) + 1;
  const name = USAGE_COLUMNS.find((known) => column === known || where?.includes(` ${known}:`));
  const message = name
    ? `読み取れません。${WORDS[name]}`
    : '列の数が合わないか、UTF-8 の CSV として読み取れない行です。';
  return importInvalid({ pointer: name ? `/${line}/${name}` : `/${line}`, message });
}

function countWords(): string {
  return `0以上${TOKENS_MAX.toLocaleString('ja-JP')}以下の整数を書いてください。`;
}

function outOfBounds(name: string): string {
  return `i.${name} NOT BETWEEN 0 AND ${TOKENS_MAX}`;
}
