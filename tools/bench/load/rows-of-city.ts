import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TenantSeal } from '#libs/database';
import { newId } from '#libs/kernel';
import { Dice } from '../../dice.ts';

/** Cities that stay. Between them they have as many rows as the one that leaves, and theirs lie among its own. */
const OTHERS = 9;
const LINES_AT_ONCE = 100;
const PROMPT_WORDS = 120;
const ANSWER_WORDS = 200;
const WORDS =
  '申請 届出 住民票 国民健康保険 介護認定 保育所 避難所 防災訓練 道路 水道 図書館 公園 窓口 手数料 期限 書類 本人確認 委任状 郵送 電子申請 ' +
  '予算 決算 補助金 条例 規則 要綱 議会 答弁 会議録 起案 決裁 通知 案内 説明会 地域 自治会 高齢者 子育て 税 納付 還付 証明書 転入 転出 ' +
  'について によると に基づき ください します です ます';

/** How the rows of a city are spread over the tables that hold most of them. */
interface Shares {
  readonly members: number;
  readonly departments: number;
  readonly conversations: number;
  /** Each with its reservation and its usage. */
  readonly jobs: number;
  readonly auditEntries: number;
}

function sharesOf(rows: number): Shares {
  const jobs = Math.round(rows / 5);
  const [members, departments, conversations] = [0.005, 0.0003, 0.07].map((part) => Math.ceil(rows * part)) as [
    number,
    number,
    number,
  ];
  return {
    jobs,
    members,
    departments,
    conversations,
    auditEntries: rows - 3 * jobs - members - departments - conversations,
  };
}

/** The tables that are filled, such that what refers comes before what is referred to. */
export const FILLED = [
  'reservations',
  'usage_records',
  'audit_entries',
  'jobs',
  'conversations',
  'members',
  'departments',
] as const;

/** Gives a city that has only just begun so many rows, with content under its own key. @param everything passes every wall */
export async function fillCity(everything: Client, seal: TenantSeal, cityId: string, rows: number): Promise<void> {
  const shares = sharesOf(rows);
  const [members, departments, conversations] = [shares.members, shares.departments, shares.conversations].map(
    (count) => Array.from({ length: count }, () => newId()),
  ) as [string[], string[], string[]];
  // Indexes are kept, triggers are not: what is put in is known to obey the foreign keys
  await everything.query('SET session_replication_role = replica');
  const { rows: others } = await everything.query<{ id: string }>(
    `INSERT INTO tenants (id, code, name, status, created_at, updated_at)
     SELECT gen_random_uuid(), (300000 + n)::text, '計測市' || n, 'active', now(), now() FROM generate_series(1, ${OTHERS}) AS n
     RETURNING id`,
  );
  const cities = [cityId, ...others.map(({ id }) => id)];
  await everything.query(
    `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at)
     SELECT c, d, 'K' || n, '第' || n || '課', now(), now() FROM unnest($1::uuid[]) AS c, unnest($2::uuid[]) WITH ORDINALITY AS t (d, n)`,
    [cities, departments],
  );
  await everything.query(
    `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, password_changed_at, created_at, updated_at)
     SELECT c, m, 'shokuin-' || n, 'shokuin-' || n, '架空 氏名' || n, 'staff', 'lgwan', now(), now(), now()
     FROM unnest($1::uuid[]) AS c, unnest($2::uuid[]) WITH ORDINALITY AS t (m, n)`,
    [cities, members],
  );
  const dice = new Dice(5);
  await copy(
    everything,
    'conversations (tenant_id, segment, id, member_id, title_sealed, created_at, updated_at)',
    conversations.length,
    (at) => {
      const id = conversations[at]!;
      return [
        [
          cityId,
          'lgwan',
          id,
          members[at % members.length]!,
          hex(seal.seal({ rowId: id, column: 'title' }, textOf(dice, 6))),
          NOW,
          NOW,
        ],
      ];
    },
  );
  await copy(
    everything,
    `jobs (tenant_id, segment, id, kind, status, member_id, department_id, conversation_id, model, max_tokens, input_sealed,
       output_sealed, input_bytes, output_bytes, deployment_id, simulated, fence, finish_reason, accepted_at, started_at, finished_at)`,
    shares.jobs,
    (at) => {
      // What others wrote is never opened: it need not be sealed with their keys
      const input = JSON.stringify([{ role: 'user', content: textOf(dice, PROMPT_WORDS) }]);
      const output = textOf(dice, ANSWER_WORDS);
      const jobOf = (city: string, conversation: string): string[] => {
        const id = newId();
        const words = (column: string, text: string) => hex(seal.seal({ rowId: id, column }, text));
        const who = [members[at % members.length]!, departments[at % departments.length]!, conversation];
        const sizes = [Buffer.byteLength(input), Buffer.byteLength(output)].map(String);
        return [
          ...[
            city,
            'lgwan',
            id,
            'chat',
            'completed',
            ...who,
            'claude',
            '1000',
            words('input', input),
            words('output', output),
          ],
          ...[...sizes, 'box-1', 't', '1', 'stop', NOW, NOW, NOW],
        ];
      };
      return [jobOf(cityId, conversations[at % conversations.length]!), jobOf(others[at % OTHERS]!.id, NULL)];
    },
  );
  for (const statement of [RESERVATIONS, USAGE, auditOf(shares.auditEntries), HEADS])
    await everything.query(statement.replaceAll(':city', `'${cityId}'`));
  await everything.query('SET session_replication_role = origin');
  await everything.query('VACUUM ANALYZE');
}

const NOW = 'now';
const NULL = '\\N';
const hex = (bytes: Buffer): string => `\\\\x${bytes.toString('hex')}`;

const VOCABULARY = WORDS.split(' ');
const textOf = (dice: Dice, words: number): string =>
  Array.from({ length: words }, () => dice.pick(VOCABULARY)).join('');

/** @param rowsOf the n-th rows, as the words of COPY's text format */
async function copy(
  everything: Client,
  into: string,
  count: number,
  rowsOf: (at: number) => string[][],
): Promise<void> {
  await pipeline(
    function* () {
      for (let at = 0; at < count; at += LINES_AT_ONCE) {
        const some = Array.from({ length: Math.min(LINES_AT_ONCE, count - at) }, (_, n) => rowsOf(at + n));
        yield some
          .flat()
          .map((row) => `${row.join('\t')}\n`)
          .join('');
      }
    },
    everything.query(copyFrom(`COPY ${into} FROM STDIN`)),
  );
}

const MONTH = `date_trunc('month', now() AT TIME ZONE 'Asia/Tokyo')::date`;

const RESERVATIONS = `
  INSERT INTO reservations (tenant_id, id, subject_type, subject_id, month, tokens, state, created_at, expires_at, ended_at,
    department_id, member_id)
  SELECT tenant_id, id, 'job', id, ${MONTH}, 1500, 'settled', now(), now(), now(), department_id, member_id FROM jobs
  WHERE deployment_id = 'box-1'`;

const USAGE = `
  INSERT INTO usage_records (tenant_id, id, subject_type, subject_id, segment, member_id, department_id, model, deployment_id,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, input_characters, output_characters, source,
    accepted_at, recorded_at, billing_month)
  SELECT tenant_id, id, 'job', id, segment, member_id, department_id, model, deployment_id, 700, 900, 0, 0, 500, 800, 'provider',
    now(), now(), ${MONTH} FROM jobs WHERE deployment_id = 'box-1'`;

/** The hashes are not those of a true chain: nothing here verifies one. */
const auditOf = (entries: number): string => `
  INSERT INTO audit_entries (tenant_id, sequence, id, occurred_at, actor_type, actor_id, action, subject_type, subject_id,
    segment, outcome, details, previous_hash, hash)
  SELECT c.id, coalesce((SELECT sequence FROM audit_heads WHERE tenant_id = c.id), 0) + n, gen_random_uuid(), now(), 'member',
    gen_random_uuid()::text, 'job.completed', 'job', gen_random_uuid()::text, 'lgwan', 'success',
    '{"model":"claude","inputTokens":700,"outputTokens":900}', sha256(n::text::bytea), sha256((n + 1)::text::bytea)
  FROM generate_series(1, ${entries}) AS n CROSS JOIN LATERAL (
    SELECT :city::uuid AS id UNION ALL SELECT id FROM tenants WHERE code = (300001 + n % ${OTHERS})::text) c`;

const HEADS = `
  INSERT INTO audit_heads AS h (tenant_id, sequence, hash)
  SELECT DISTINCT ON (tenant_id) tenant_id, sequence, hash FROM audit_entries
  WHERE tenant_id = :city OR tenant_id IN (SELECT id FROM tenants WHERE name LIKE '計測市%')
  ORDER BY tenant_id, sequence DESC
  ON CONFLICT (tenant_id) DO UPDATE SET (sequence, hash) = (EXCLUDED.sequence, EXCLUDED.hash)`;
