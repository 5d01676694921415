import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fromBuffer } from 'yauzl';
import { AuditTrail } from '#libs/audit';
import { ContentSeal, LocalKeyService, OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { CityExits, type CityExitRecord, DataExports, FindingJudgements, OwnExit, certificatePdf } from '#libs/exits';
import { JobIntake } from '#libs/jobs';
import { FrozenClock } from '#libs/testing';
import { type House, openHouse } from '../test/job-house.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
const QUESTION = '合言葉はヒカリゴケです。公園の利用案内の文案を作ってください。';
const CANARY = 'ヒカリゴケ';

describe.each(['postgres', 'redis'] as const)('a city that leaves, on the %s backend', (backend) => {
  let house: House;
  let everything: DataSource;
  let opsSource: DataSource;
  let ops: OpsDatabase;
  const clock = new FrozenClock();
  const audit = new AuditTrail(clock);
  const exits = new CityExits(audit, clock);
  const judgements = new FindingJudgements(exits, audit, clock);
  const vendor = { type: 'vendor', id: randomUUID() } as const;
  const colleague = { type: 'vendor', id: randomUUID() } as const;
  let exitId: string;
  /** Rows as a backup of yesterday has them. */
  let backup: {
    keys: { wrapped_key: Buffer; wrapping_key_id: string }[];
    jobs: { id: string; input_sealed: Buffer }[];
  };

  beforeAll(async () => {
    house = await openHouse(backend);
    everything = await createDataSource(house.database.urls.superuser, 2).initialize();
    opsSource = await createDataSource(house.database.urls.ops, 2).initialize();
    ops = new OpsDatabase(opsSource);
    await everything.query(
      `INSERT INTO vendor_users (id, login_id, login_id_key, display_name, role, password_hash, password_changed_at, created_at, updated_at)
       SELECT id, id::text, id::text, '運用', 'ops', 'x', now(), now(), now() FROM unnest($1::uuid[]) AS id`,
      [[vendor.id, colleague.id]],
    );
    // A login id that the vendor's own tables are full of, and a name that one of the vendor's texts has for another reason
    await everything.query(`UPDATE members SET display_name = '架空 太郎', login_id = 'batch', login_id_key = 'batch'`);
    await everything.query(
      `INSERT INTO maintenance_notices (id, severity, title, body, starts_at, ends_at, to_all, on_sign_in, announced_by, announced_at)
       VALUES ($1, 'info', 'batch', '立会い：架空 太郎', now(), now() + interval '1 hour', true, false, $2, now())`,
      [randomUUID(), vendor.id],
    );
  });
  afterAll(async () => {
    await Promise.all([everything.destroy(), opsSource.destroy()]);
    await house.close();
  });

  const city = () => house.requester.scope;
  const member = () => ({ type: 'member', id: house.requester.memberId! }) as const;
  const app = <Result>(work: Parameters<TenantDatabase['run']>[1]) =>
    house.intake.get(TenantDatabase).run(city(), work) as Promise<Result>;
  const own = new OwnExit(audit, clock);
  const seen = (): Promise<CityExitRecord> => ops.run((tx) => exits.get(tx, exitId));
  const reached = (state: string) =>
    vi
      .waitUntil(async () => (await seen()).state === state, PATIENCE)
      .catch(async (error: unknown) => {
        throw new Error(JSON.stringify(await seen()), { cause: error });
      });
  const count = async (sql: string, parameters: unknown[] = []): Promise<number> =>
    Number((await everything.query<{ n: string }[]>(`SELECT count(*) AS n FROM ${sql}`, parameters))[0]!.n);

  it('is frozen only after its own administrator agreed; what waits is ended and gives back what it held', async () => {
    const planned = await ops.run((tx) => exits.plan(tx, vendor, { cityId: city().tenantId, reason: '契約の満了' }));
    exitId = planned.id;
    expect(planned.waitingDays).toBe(90);
    await expect(ops.run((tx) => exits.freeze(tx, vendor, exitId))).rejects.toMatchObject({ code: 'EXITS.NOT_AGREED' });
    await app((tx) => own.agree(tx, member()));
    // Of a suspended city nothing is run before the worker looks at the exit
    await everything.query(`INSERT INTO admission_shares (tenant_id, suspension) VALUES ($1, 'finish')`, [
      city().tenantId,
    ]);
    await house.intake.get(JobIntake).accept(house.requester, {
      kind: 'chat',
      messages: [{ role: 'user', content: QUESTION }],
    });
    await ops.run((tx) => exits.freeze(tx, vendor, exitId));
    await everything.query(`
      CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no space' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_space BEFORE INSERT ON data_export_files FOR EACH ROW EXECUTE FUNCTION no_space()`);
    await house.startWorker();
    await vi.waitUntil(async () => (await count(`data_exports WHERE state = 'failed'`)) === 1, PATIENCE);
    // A minute after it failed it is written anew, or the city could never leave.
    await everything.query(`
      DROP TRIGGER no_space ON data_export_files;
      UPDATE data_exports SET touched_at = touched_at - interval '1 minute'`);
    await reached('exported');
    const [budget] = await everything.query('SELECT reserved_tokens::int AS reserved FROM budgets');
    expect(budget).toEqual({ reserved: 0 });
    expect(await everything.query('SELECT status, error_code AS cause FROM jobs')).toEqual([
      { status: 'cancelled', cause: 'JOBS.CITY_LEAVING' },
    ]);
  });

  it('takes its data along: content in clear, every table named, every file under its hash', async () => {
    const exports = new DataExports(house.intake.get(TenantDatabase), house.intake.get(ContentSeal), audit, clock);
    const [made] = await app<Awaited<ReturnType<DataExports['list']>>>((tx) => exports.list(tx));
    expect(made).toMatchObject({ state: 'ready', exitId });
    const archive = await exports.archive(city(), made!.id);
    const stream = await exports.takeOut(city(), member(), archive);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const files = await unzip(Buffer.concat(chunks));
    expect(files.get('data/jobs.jsonl')).toContain(CANARY);
    expect(files.get('csv/members.csv')).toContain('架空 太郎');
    expect(files.get('data/members.jsonl')).not.toContain('password_hash');
    const manifest = JSON.parse(files.get('manifest.json')!) as { files: { path: string; sha256: string }[] };
    expect(manifest.files.map(({ path }) => path).sort()).toEqual(
      [...files.keys()].filter((path) => path !== 'manifest.json').sort(),
    );
    expect(await count(`audit_entries WHERE action = 'data-export.taken-out'`)).toBe(1);
  });

  it('is not removed before its waiting period is over, nor without its name', async () => {
    const { deleteFrom } = await app<Awaited<ReturnType<OwnExit['receive']>>>((tx) => own.receive(tx, member()));
    expect(deleteFrom).toBe('2026-09-08');
    const start = (name: string) => ops.run((tx) => exits.startDeletion(tx, vendor, exitId, name));
    await expect(start('模擬市')).rejects.toMatchObject({ code: 'EXITS.TOO_EARLY' });
    clock.set('2026-09-07T15:00:00Z');
    await expect(start('別の市')).rejects.toMatchObject({ code: 'EXITS.NAME_MISMATCH' });
    backup = {
      keys: await everything.query('SELECT wrapped_key, wrapping_key_id FROM tenant_data_keys'),
      jobs: await everything.query('SELECT id, input_sealed FROM jobs'),
    };
    await start('模擬市');
    await vi.waitUntil(async () => (await seen()).fault !== null, PATIENCE);
    await expect(ops.run((tx) => exits.withdraw(tx, vendor, exitId))).rejects.toMatchObject({
      code: 'EXITS.STEP_NOT_POSSIBLE',
    });
  });

  it('stops at a name it finds, and says where, until two people judged that it is somebody else’s', async () => {
    const { findings } = await seen();
    expect(findings).toMatchObject([
      { place: 'maintenance_notices', column: 'body', kind: 'name', count: 1, judgement: null },
    ]);
    const judge = (column: string) =>
      ops.run((tx) =>
        judgements.judge(tx, vendor, exitId, {
          place: 'maintenance_notices',
          column,
          reason: '工事会社の同姓同名の人',
        }),
      );
    const confirm = async (by: typeof vendor) => {
      const [{ judgement }] = (await seen()).findings as [CityExitRecord['findings'][number]];
      return ops.run((tx) => judgements.confirm(tx, by, exitId, judgement!.id));
    };
    await expect(judge('title')).rejects.toMatchObject({ code: 'REQUEST.NOT_FOUND' });
    await judge('body');
    await expect(confirm(vendor)).rejects.toMatchObject({ code: 'EXITS.SAME_PERSON' });
    // Judged by one alone it still stands
    await ops.run((tx) => exits.startDeletion(tx, vendor, exitId, '模擬市'));
    await vi.waitUntil(async () => (await seen()).fault !== null, PATIENCE);
    await confirm(colleague);
    await expect(confirm(colleague)).rejects.toMatchObject({ code: 'EXITS.STEP_NOT_POSSIBLE' });
    await ops.run((tx) => exits.startDeletion(tx, vendor, exitId, '模擬市'));
    await reached('deleted');
    expect(await count(`audit_entries WHERE action IN ('exit.finding-judged', 'exit.finding-confirmed')`)).toBe(2);
  });

  it('leaves nothing readable: no row, no name, no delivery, and no key for a backup that is put back', async () => {
    const tables: { name: string }[] = await everything.query(
      `SELECT t.relname AS name FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'
       WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'`,
    );
    const left: Record<string, number> = {};
    for (const { name } of tables) {
      const rows = await count(`${name} WHERE tenant_id = $1`, [city().tenantId]);
      if (rows > 0) left[name] = rows;
    }
    expect(Object.keys(left).sort()).toEqual(['city_exits', 'exit_certificates', 'exit_deletions', 'exit_judgements']);
    const readable: string[] = [];
    for (const { name } of await everything.query<{ name: string }[]>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    ))
      for (const text of ['架空 太郎', CANARY])
        if ((await count(`${name} t WHERE t::text LIKE $1`, [`%${text}%`])) > 0) readable.push(`${text} in ${name}`);
    expect(readable).toEqual(['架空 太郎 in maintenance_notices']);

    await everything.query(`INSERT INTO tenant_data_keys VALUES ($1, 1, $2, $3, now())`, [
      city().tenantId,
      backup.keys[0]!.wrapped_key,
      backup.keys[0]!.wrapping_key_id,
    ]);
    const { keyService } = house.config;
    if (keyService.kind !== 'local') throw new Error('unexpected');
    const restored = new ContentSeal(house.intake.get(TenantDatabase), new LocalKeyService(keyService.directory));
    await expect(restored.forTenant(city())).rejects.toThrow(/ENOENT/);
    expect(backup.jobs[0]!.input_sealed.includes(Buffer.from(CANARY))).toBe(false);
  });

  it('has a certificate that says what was removed, what stays and why, and that nobody can change', async () => {
    const { document, sha256 } = await ops.run((tx) => exits.certificate(tx, exitId));
    const certificate = JSON.parse(document) as Parameters<typeof certificatePdf>[0];
    expect(certificate).toMatchObject({ exitId, waitingDays: 90, deleteFrom: '2026-09-08', scan: { found: 0 } });
    expect(certificate.scan.cleared).toMatchObject([
      { place: 'maintenance_notices', column: 'body', count: 1, reason: '工事会社の同姓同名の人' },
    ]);
    expect(certificate.removed).toContainEqual({ place: 'jobs', label: '質問と回答', count: 1 });
    const pdf = await certificatePdf(certificate, sha256);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await certificatePdf(certificate, sha256)).toEqual(pdf);
    await expect(everything.query(`UPDATE exit_certificates SET document = '{}'`)).rejects.toThrow(/final/);
  });
});

function unzip(bytes: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, string>();
    fromBuffer(bytes, { lazyEntries: true }, (fault, zip) => {
      if (fault) return reject(fault);
      zip.on('entry', (entry: { fileName: string }) => {
        zip.openReadStream(entry as never, (failed, stream) => {
          if (failed) return reject(failed);
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(chunks).toString());
            zip.readEntry();
          });
        });
      });
      zip.on('end', () => resolve(files));
      zip.readEntry();
    });
  });
}
