import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditAnchors, AuditTrail } from '#libs/audit';
import { AdmissionDatabase, OpsDatabase, createDataSource } from '#libs/database';
import { VENDOR_TENANT_ID, newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { verifyCommand } from './verify-command.ts';

const CITY = tenantId(newId());

describe('npm run audit:verify', () => {
  let test: TestDatabase;
  let sources: DataSource[];
  let directory: string;
  let environment: Record<string, string>;

  beforeAll(async () => {
    test = await createTestDatabase();
    directory = mkdtempSync(join(tmpdir(), 'moyai-verify-'));
    environment = { DATABASE_OPS_URL: test.urls.ops, AUDIT_ANCHOR_FILE: join(directory, 'anchors.jsonl') };
    sources = [createDataSource(test.urls.ops, 2), createDataSource(test.urls.admission, 2)];
    await Promise.all(sources.map((source) => source.initialize()));
    const clock = new FrozenClock();
    await new OpsDatabase(sources[0]!).run(async (tx) => {
      await tx.query(`INSERT INTO tenants VALUES ($1, '292010', '試験市', 'active', now(), now())`, [CITY]);
      for (const chain of [CITY, VENDOR_TENANT_ID, CITY]) {
        await tx.actOn(chain);
        await new AuditTrail(clock).append(tx, { action: 'city.created', actor: { type: 'vendor', id: newId() } });
      }
    });
    await new AuditAnchors(new AdmissionDatabase(sources[1]!), clock, environment['AUDIT_ANCHOR_FILE']!).anchorOnce();
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await test.drop();
    rmSync(directory, { recursive: true });
  });

  it('ends with 0 and names every chain when nothing was touched', async () => {
    const { exitCode, output } = await verifyCommand([], environment);
    expect(output).toContain('試験市 (292010): 記録 2件、照合したアンカー 1件 … 異常なし');
    expect(output).toContain('運営事業者: 記録 1件');
    expect(output).toContain('結果: 改ざんは見つかりませんでした。');
    expect(exitCode).toBe(0);
  });

  it('warns when there is no anchor to compare with', async () => {
    const { exitCode, output } = await verifyCommand(['--city', '292010'], { DATABASE_OPS_URL: test.urls.ops });
    expect(output).toContain('注意: アンカーファイルがない');
    expect(output).not.toContain('運営事業者');
    expect(exitCode).toBe(0);
  });

  it.each([
    [['--city', '292011'], '団体コードが正しくありません'],
    [['--city', '401005'], '登録のない団体コードです'],
    [['--anchor', '/nowhere/anchors.jsonl'], 'アンカーファイルを読めません'],
    [['--colour'], '引数が正しくありません'],
  ])('ends with 2 and says why when it cannot verify: %s', async (args, reason) => {
    const outcome = await verifyCommand(args, environment);
    expect(outcome).toMatchObject({ exitCode: 2, output: '', error: expect.stringContaining(reason) });
  });

  it('ends with 2, naming the variable, when it is not told where the database is', async () => {
    expect(await verifyCommand([], {})).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('DATABASE_OPS_URL'),
    });
  });

  it('ends with 1 and names city, place and fault when an entry was changed', async () => {
    const client = new Client({ connectionString: test.urls.superuser });
    await client.connect();
    await client.query('SET session_replication_role = replica');
    await client.query(`UPDATE audit_entries SET outcome = 'failed' WHERE tenant_id = $1 AND sequence = 2`, [CITY]);
    await client.end();
    const { exitCode, output } = await verifyCommand([], environment);
    expect(output).toContain('試験市 (292010): 記録 2件、照合したアンカー 1件 … 改ざんの疑い 1件');
    expect(output).toContain('  - 2番: 記録の内容が書き換えられています');
    expect(exitCode).toBe(1);
    const json = await verifyCommand(['--json'], environment);
    expect(JSON.parse(json.output)).toMatchObject({
      intact: false,
      chains: expect.arrayContaining([
        expect.objectContaining({
          city: { code: '292010', name: '試験市' },
          faults: [{ kind: 'edited', sequence: 2 }],
        }),
      ]),
    });
  });
});
