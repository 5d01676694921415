import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, LocalKeyService, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { type Segment, newId, tenantId } from '#libs/kernel';
import { DepartmentTree } from '#libs/tenancy';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { TEMPLATES_AT_MOST, type Audience, type TemplateUser } from './template.ts';
import { Templates } from './templates.ts';

const WORDS = { title: '要約', body: '{文章}を{文字数}字で要約してください。', note: null };
const SECRET = '秘密の手順';

let test: TestDatabase;
let superuser: DataSource;
let app: DataSource;
let keys: string;
let templates: Templates;
let cities = 0;
const clock = new FrozenClock('2027-04-01T01:00:00Z');

beforeAll(async () => {
  test = await createTestDatabase();
  superuser = await createDataSource(test.urls.superuser, 2).initialize();
  app = await createDataSource(test.urls.app, 4).initialize();
  keys = mkdtempSync(join(tmpdir(), 'moyai-keys-'));
  const [database, audit] = [new TenantDatabase(app), new AuditTrail(clock)];
  const seal = new ContentSeal(database, new LocalKeyService(keys));
  templates = new Templates(database, seal, new DepartmentTree(audit, clock), audit, clock);
});
afterAll(async () => {
  await Promise.all([superuser.destroy(), app.destroy()]);
  await test.drop();
  rmSync(keys, { recursive: true });
});

const all = <Row>(sql: string, ...parameters: unknown[]): Promise<Row[]> => superuser.query(sql, parameters);

/** 財政部, 税務課 below it, and 福祉課 beside. */
async function city() {
  const id = tenantId(newId());
  const [bureau, section, beside] = [newId(), newId(), newId()];
  cities += 1;
  await all(`INSERT INTO tenants VALUES ($1, $2, '市', 'active', now(), now())`, id, String(340_000 + cities));
  await all(
    `INSERT INTO departments (tenant_id, id, parent_id, code, name, created_at, updated_at)
     VALUES ($1, $2, NULL, 'zaisei', '財政部', now(), now()), ($1, $3, $2, 'zeimu', '税務課', now(), now()),
       ($1, $4, NULL, 'fukushi', '福祉課', now(), now())`,
    ...[id, bureau, section, beside],
  );
  const person = async (
    role: TemplateUser['role'],
    departmentId: string | null,
    segment: Segment = 'lgwan',
  ): Promise<TemplateUser> => {
    const memberId = newId();
    await all(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id,
         password_changed_at, created_at, updated_at) VALUES ($1, $2::uuid, $2::text, $2::text, '職員', $3, $4, $5, now(), now(), now())`,
      ...[id, memberId, role, segment, departmentId],
    );
    const scope: TenantScope = { tenantId: id, segment };
    const department = departmentId === null ? null : { id: departmentId, code: 'x', name: 'x' };
    return { type: 'member', id: memberId, scope, role, department };
  };
  return { id, bureau, section, beside, person };
}

const make = (user: TemplateUser, audience: Audience, words: Partial<typeof WORDS> = {}, departmentId?: string) =>
  templates.create(user, { id: newId(), ...WORDS, ...words, audience, departmentId });
const titles = async (user: TemplateUser, page: { query?: string; audience?: Audience } = {}) =>
  (await templates.list(user, { limit: 50, ...page })).map(({ title }) => title).toSorted();
const refusal = (asked: Promise<unknown>) =>
  asked.then(
    () => 'let in',
    ({ code }: { code: string }) => code,
  );

describe('a template', () => {
  it('is seen by whom it is for: its maker, a department and all below it, or the city', async () => {
    const { person, bureau, section, beside } = await city();
    const [head, clerk, colleague, stranger, admin] = [
      await person('manager', bureau),
      await person('staff', section),
      await person('staff', section),
      await person('staff', beside),
      await person('admin', null),
    ];
    await make(clerk, 'own', { title: '自分の' });
    await make(head, 'department', { title: '部の' });
    await make(admin, 'department', { title: '課の' }, section);
    await make(admin, 'city', { title: '全庁の' });
    expect(await titles(clerk)).toEqual(['課の', '全庁の', '部の', '自分の'].toSorted());
    expect(await titles(colleague)).toEqual(['課の', '全庁の', '部の'].toSorted());
    expect(await titles(head)).toEqual(['全庁の', '部の'].toSorted());
    expect(await titles(stranger)).toEqual(['全庁の']);
    expect(await titles(admin)).toEqual(['課の', '全庁の', '部の'].toSorted());
    expect(await titles(clerk, { audience: 'department' })).toEqual(['課の', '部の'].toSorted());
    expect(await titles(clerk, { query: '全庁' })).toEqual(['全庁の']);
  });

  it('is kept by whom it belongs to, and not found by whom it is not for', async () => {
    const { person, bureau, section } = await city();
    const [head, manager, clerk, admin] = [
      await person('manager', bureau),
      await person('manager', section),
      await person('staff', section),
      await person('admin', null),
    ];
    const [own, ofSection, ofCity] = [
      await make(clerk, 'own'),
      await make(manager, 'department'),
      await make(admin, 'city'),
    ];
    const change = (user: TemplateUser, { id }: { id: string }) => refusal(templates.change(user, id, 1, WORDS));
    for (const user of [head, manager, admin]) expect(await change(user, own)).toBe('REQUEST.NOT_FOUND');
    expect(await change(head, ofSection)).toBe('REQUEST.NOT_FOUND');
    expect(await change(clerk, ofSection)).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await change(manager, ofCity)).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await refusal(templates.delete(manager, ofCity.id))).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await refusal(make(clerk, 'department'))).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await refusal(make(manager, 'department', {}, bureau))).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await refusal(make(manager, 'city'))).toBe('TEMPLATES.NOT_ALLOWED');
    expect(await refusal(make(admin, 'department'))).toBe('TENANCY.DEPARTMENT_UNKNOWN');
    expect(await refusal(make(admin, 'department', {}, newId()))).toBe('TENANCY.DEPARTMENT_UNKNOWN');
    expect(await change(manager, ofSection)).toBe('let in');
    expect(await change(admin, ofCity)).toBe('let in');
    await templates.delete(admin, ofSection.id);
    expect(await titles(clerk)).toEqual(['要約', '要約']);
  });

  it('does not exist on another network, nor in another city', async () => {
    const [here, elsewhere] = [await city(), await city()];
    const admin = await here.person('admin', null);
    const { id } = await make(admin, 'city');
    for (const user of [await here.person('admin', null, 'my_number'), await elsewhere.person('admin', null)]) {
      expect(await titles(user)).toEqual([]);
      expect(await refusal(templates.read(user, id))).toBe('REQUEST.NOT_FOUND');
      expect(await refusal(templates.delete(user, id))).toBe('REQUEST.NOT_FOUND');
    }
    expect(await refusal(make(await elsewhere.person('admin', null), 'department', {}, here.section))).toBe(
      'TENANCY.DEPARTMENT_UNKNOWN',
    );
  });

  it('is not overwritten by somebody who has not seen the last change', async () => {
    const { person } = await city();
    const [one, other] = [await person('admin', null), await person('admin', null)];
    const { id } = await make(one, 'city');
    const changed = (user: TemplateUser, title: string) =>
      templates.change(user, id, 1, { ...WORDS, title }).then(
        ({ version }) => version,
        ({ code }: { code: string }) => code,
      );
    const both = await Promise.all([changed(one, 'ひとつ'), changed(other, 'ふたつ')]);
    expect(both).toEqual(expect.arrayContaining([2, 'TEMPLATES.CHANGED_MEANWHILE']));
  });

  it('is made once under one id, also at once, and nothing else under it', async () => {
    const { person } = await city();
    const user = await person('staff', null);
    const wish = { id: newId(), ...WORDS, audience: 'own' } as const;
    const made = await Promise.all([templates.create(user, wish), templates.create(user, wish)]);
    expect(made[0]).toEqual(made[1]);
    expect(await titles(user)).toEqual(['要約']);
    expect(await refusal(templates.create(user, { ...wish, title: '別の' }))).toBe('REQUEST.IDEMPOTENCY_MISMATCH');
  });

  it('is refused past its number, also when two come at once', async () => {
    const { id: tenant, person } = await city();
    const user = await person('staff', null);
    await all(
      `INSERT INTO templates (tenant_id, segment, id, member_id, title_sealed, body_sealed, created_at, updated_at)
       SELECT $1, 'lgwan', gen_random_uuid(), $2, '', '', now(), now() FROM generate_series(2, $3)`,
      ...[tenant, user.id, TEMPLATES_AT_MOST.own],
    );
    const outcomes = await Promise.all([refusal(make(user, 'own')), refusal(make(user, 'own'))]);
    expect(outcomes.toSorted()).toEqual(['TEMPLATES.TOO_MANY', 'let in']);
  });

  it.each([
    ['a brace alone', { body: '{文章' }, 'TEMPLATES.TEXT_INVALID'],
    ['a place without a name', { body: '{ }' }, 'TEMPLATES.TEXT_INVALID'],
    ['too many places', { body: [...Array(21).keys()].map((n) => `{${n}}`).join('') }, 'TEMPLATES.TEXT_INVALID'],
    ['a My Number', { body: '個人番号は123456789018です' }, 'GUARD.MY_NUMBER_FOUND'],
    ['a My Number in the title', { title: '個人番号 123456789018' }, 'GUARD.MY_NUMBER_FOUND'],
  ])('with %s is refused', async (_, words, code) => {
    const { person } = await city();
    const user = await person('staff', null);
    expect(await refusal(make(user, 'own', words))).toBe(code);
    expect(await titles(user)).toEqual([]);
  });

  it('is sealed at rest, and put on record without its words', async () => {
    const { id: tenant, person } = await city();
    const user = await person('staff', null);
    const words = { title: SECRET, body: SECRET, note: SECRET };
    const { id } = await templates.create(user, { id: newId(), ...words, audience: 'own' });
    const [row] = await all<{ bytes: string }>(
      `SELECT encode(title_sealed || body_sealed || note_sealed, 'hex') AS bytes FROM templates WHERE id = $1`,
      id,
    );
    expect(row!.bytes).not.toContain(Buffer.from(SECRET).toString('hex'));
    await templates.change(user, id, 1, words);
    await templates.delete(user, id);
    const entries = await all<{ action: string; subject_id: string; details: string }>(
      'SELECT action, subject_id, details FROM audit_entries WHERE tenant_id = $1 ORDER BY sequence',
      tenant,
    );
    expect(entries.map(({ action }) => action)).toEqual(['template.created', 'template.changed', 'template.deleted']);
    expect(entries.every(({ subject_id }) => subject_id === id)).toBe(true);
    expect(JSON.stringify(entries)).not.toContain(SECRET);
  });
});
