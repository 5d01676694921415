import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { type CalendarEntry, RosterCalendar } from './roster-calendar.ts';

const clock = new FrozenClock('2027-03-01T01:00:00Z');
const calendar = new RosterCalendar(clock);
const scope: TenantScope = { tenantId: tenantId(newId()), segment: 'lgwan' };
const [tax, water] = [newId(), newId()];

describe('the calendar of the roster', () => {
  let testDatabase: TestDatabase;
  let everything: DataSource;
  let source: DataSource;
  const all = (sql: string, ...parameters: unknown[]) => everything.query(sql, [scope.tenantId, ...parameters]);
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    everything = await createDataSource(testDatabase.urls.superuser, 1).initialize();
    source = await createDataSource(testDatabase.urls.app, 2).initialize();
    await all(`INSERT INTO tenants (id, code, name, created_at, updated_at) VALUES ($1, '330001', '市', now(), now())`);
    await all(
      `INSERT INTO departments (tenant_id, id, code, name, created_at, updated_at)
       VALUES ($1, $2, 'zeimu', '税務課', now(), now()), ($1, $3, 'suido', '水道課', now(), now())`,
      tax,
      water,
    );
  });
  afterAll(async () => {
    await Promise.all([everything.destroy(), source.destroy()]);
    await testDatabase.drop();
  });

  async function add(loginId: string, at: string, { expiresOn }: { expiresOn?: string } = {}): Promise<string> {
    const id = newId();
    await all(
      `INSERT INTO members (tenant_id, id, login_id, login_id_key, display_name, role, segment, department_id, expires_on,
         password_changed_at, created_at, updated_at)
       VALUES ($1, $2, $3, lower($3), $3, 'staff', 'lgwan', $4, $5, now(), $6, $6)`,
      id,
      loginId,
      tax,
      expiresOn ?? null,
      new Date(at),
    );
    return id;
  }

  /** An import of one line, of whoever. */
  async function plan(by: string, state: 'planned' | 'cancelled', change: Record<string, unknown>): Promise<string> {
    const id = newId();
    await all(
      `INSERT INTO roster_imports (tenant_id, id, state, created_by, created_at, digest, planned_by, planned_at, planned_from,
         effective_on, effective_at, ended_at)
       VALUES ($1, $2, $3, $4, now(), repeat('0', 64), $4, now(), 'lgwan', '2027-04-01', '2027-03-31T15:00:00Z', $5)`,
      id,
      state,
      by,
      state === 'planned' ? null : new Date(),
    );
    const { subject, kind, key, before, after } = change;
    const line = [subject, kind, key, before && JSON.stringify(before), JSON.stringify(after)];
    await all(
      `INSERT INTO roster_changes (tenant_id, import_id, position, subject, kind, key, before, after, line)
       VALUES ($1, $2, 0, $3, $4, $5, $6, $7, '')`,
      id,
      ...line,
    );
    return id;
  }

  const read = (when: 'upcoming' | 'past', after = '', limit = 50): Promise<CalendarEntry[]> =>
    new TenantDatabase(source).run(scope, (tx) => calendar[when](tx, { after, limit }));
  const brief = ({ on, kind, loginId, fromDepartment, toDepartment }: CalendarEntry) =>
    [on, kind, loginId, fromDepartment, toDepartment].join(' ');

  it('tells planned transfers by the day they take effect, and rights by their last day, the next one first', async () => {
    const by = await add('Planner', '2026-04-01T00:00:00Z');
    await add('Yukie', '2026-04-01T00:00:00Z', { expiresOn: '2027-04-01' });
    await add('ended', '2026-04-01T00:00:00Z', { expiresOn: '2027-03-01' });
    const [before, after] = [
      { displayName: '計画', departmentCode: 'zeimu' },
      { displayName: '計画', departmentCode: 'suido' },
    ];
    const line = { subject: 'member', kind: 'moved', key: 'Planner', before, after };
    const importId = await plan(by, 'planned', line);
    await plan(by, 'planned', { ...line, kind: 'added', key: 'newcomer', before: null, after });
    await plan(by, 'cancelled', { ...line, kind: 'disabled' });
    const found = await read('upcoming');
    expect(found.map(brief)).toEqual([
      '2027-03-31 rights-end Yukie 税務課 ',
      '2027-04-01 added newcomer  水道課',
      '2027-04-01 moved Planner 税務課 水道課',
    ]);
    expect(found[2]).toMatchObject({ memberId: by, displayName: '計画', importId });
    expect(found[1]).toMatchObject({ memberId: null });
    expect((await read('upcoming', found[0]!.key, 1)).map(brief)).toEqual([brief(found[1]!)]);
  });

  it('remembers who was posted where, whose rights ended and who was disabled, the latest first', async () => {
    const id = await add('mover', '2026-10-01T00:00:00Z');
    // 00:30 of 2 October in Japan
    await all(
      `UPDATE members SET department_id = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2`,
      id,
      water,
      new Date('2026-10-01T15:30:00Z'),
    );
    await all(
      `UPDATE members SET status = 'disabled', updated_at = $3 WHERE tenant_id = $1 AND id = $2`,
      id,
      new Date('2026-12-28T00:00:00Z'),
    );
    const found = await read('past');
    expect(found.map(brief).slice(0, 4)).toEqual([
      '2027-02-28 rights-end ended 税務課 ',
      '2026-12-28 disabled mover 水道課 ',
      '2026-10-02 moved mover 税務課 水道課',
      '2026-10-01 added mover  税務課',
    ]);
    expect((await read('past', found[1]!.key, 1)).map(brief)).toEqual([brief(found[2]!)]);
  });
});
