import type { Pool } from 'pg';
import { CSV } from './batch-desk.ts';
import type { TestApi } from './test-api.ts';
import { type TestCity, addMember } from './test-city.ts';
import type { Segment } from '#libs/kernel';

/** Stands in every word that an owner wrote: nobody else may ever be answered it. */
export const SECRET = '秘密';

/** A row somebody owns, by the table it lies in. */
export interface Belonging {
  readonly table: string;
  readonly id: string;
}

/**
 * Has a city make one of whatever it can make on a network, through its own API, with the secret word in it.
 * @param shared what stands instead in registers that a city keeps for all its networks
 */
export async function furnish(
  api: TestApi,
  city: TestCity,
  segment: Segment,
  cookie: string,
  shared = SECRET,
): Promise<void> {
  const make = async (path: string, body: object | string, headers: Record<string, string> = {}) => {
    const answer = await api
      .on(segment)
      .post(`/api/v1/${path}`)
      .set({ cookie, ...headers })
      .send(body);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body as { id: string };
  };
  const code = `${segment}-1`.replace('_', '-');
  const department = await make('departments', { code, name: `${shared}の課` });
  await make('departments', { code: `${code}1`, name: `${shared}の係`, parentId: department.id });
  await make('purposes', { code, name: `${shared}の事務` });
  await make('api-keys', { name: `${SECRET}の鍵`, scopes: ['jobs'] });
  await addMember(api.app, city, { loginId: `himitsu-${segment}`, role: 'staff', segment });
  const template = { title: `${SECRET}の型`, body: `${SECRET}の本文`, note: SECRET };
  await make('templates', { ...template, audience: 'own' });
  await make('templates', { ...template, audience: 'department', departmentId: department.id });
  const question = { kind: 'chat', messages: [{ role: 'user', content: `${SECRET}の質問` }], purposeCode: code };
  await make('jobs', question, { 'idempotency-key': SHARED_KEY });
  await make('jobs', question);
  await make('batches', CSV, { 'content-type': 'text/csv', 'x-file-name': encodeURIComponent(`${SECRET}.csv`) });
}

/** Everybody's first request comes under this key. */
export const SHARED_KEY = 'one-key-of-everybody';

/** Every row of a city that an id names, of whatever table there is: at most `each` of a table. */
export async function belongingsOf(
  superuser: Pool,
  city: TestCity,
  { segment, each = 2 }: { segment?: Segment; each?: number } = {},
) {
  const { rows: tables } = await superuser.query<{ table: string; hasSegment: boolean }>(
    `SELECT c.relname AS table, EXISTS (
         SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND pg_get_expr(p.polqual, c.oid) LIKE '%app_segment()%') AS "hasSegment"
       FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
       JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'id' AND i.atttypid = 'uuid'::regtype
       WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const found: Belonging[] = [];
  for (const { table, hasSegment } of tables.filter((one) => !segment || one.hasSegment)) {
    const { rows } = await superuser.query<{ id: string }>(
      `SELECT id FROM ${table} WHERE tenant_id = $1 ${segment && hasSegment ? 'AND segment = $2' : ''} ORDER BY id LIMIT ${each}`,
      segment && hasSegment ? [city.id, segment] : [city.id],
    );
    found.push(...rows.map(({ id }) => ({ table, id })));
  }
  return found;
}

/** One hash over every row a city has, except what its being asked about may change. */
export async function fingerprintOfRows(superuser: Pool, city: TestCity): Promise<Record<string, string>> {
  const { rows: tables } = await superuser.query<{ table: string }>(
    `SELECT c.relname AS table FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const prints = tables.map(async ({ table }) => {
    const { rows } = await superuser.query<{ print: string }>(
      `SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS print FROM ${table} t WHERE tenant_id = $1`,
      [city.id],
    );
    return [table, rows[0]!.print] as const;
  });
  return Object.fromEntries(await Promise.all(prints));
}
