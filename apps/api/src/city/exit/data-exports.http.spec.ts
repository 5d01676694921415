import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import { ExportRunner } from '#libs/exits';
import { WorkerModule } from '../../../../worker/src/worker.module.ts';
import { type TestApi, createTestApi } from '../../../test/test-api.ts';
import { CITY_A, type TestCity, onboardCity, signIn } from '../../../test/test-city.ts';

/** Enough for an archive of several chunks: hashes do not pack well. */
const AUDIT_ENTRIES = 8_000;

describe('the archive of an export', () => {
  let api: TestApi;
  let worker: INestApplicationContext;
  let city: TestCity;
  let headers: Record<string, string>;
  let id: string;
  let whole: Buffer;
  let tag: string;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    headers = { cookie: await signIn(api, city, city.admin) };
    worker = await openWorker(api);
    await writeHistory();
    ({ id } = (await api.on('lgwan').post('/api/v1/data-exports').set(headers).expect(202)).body);
    await worker.get(ExportRunner).run({ tenantId: city.id, segment: 'lgwan' }, id);
    const answer = await fetchPart({}).expect(200);
    [whole, tag] = [answer.body, answer.headers['etag']!];
    // Two applications and all of an export
  }, 90_000);
  afterAll(async () => {
    await worker.close();
    await api[Symbol.asyncDispose]();
  });

  async function writeHistory(): Promise<void> {
    await api.eyes.query(
      `INSERT INTO audit_entries (tenant_id, sequence, id, occurred_at, actor_type, action, outcome, details, previous_hash, hash)
       SELECT tenant_id, sequence + n, gen_random_uuid(), now(), 'system', 'job.accepted', 'success', '{}',
         sha256(n::text::bytea), sha256((n + 1)::text::bytea)
       FROM audit_heads, generate_series(1, ${AUDIT_ENTRIES}) AS n WHERE tenant_id = $1`,
      [city.id],
    );
    await api.eyes.query(`UPDATE audit_heads SET sequence = sequence + ${AUDIT_ENTRIES} WHERE tenant_id = $1`, [
      city.id,
    ]);
  }

  const fetchPart = (wanted: Record<string, string>) =>
    api
      .on('lgwan')
      .get(`/api/v1/data-exports/${id}/archive`)
      .set({ ...headers, ...wanted })
      .responseType('blob');

  it('says how long it is and that it can be fetched in parts, and is a whole ZIP', async () => {
    const answer = await fetchPart({}).expect(200);
    expect(answer.headers).toMatchObject({
      'content-length': String(whole.length),
      'accept-ranges': 'bytes',
      etag: tag,
    });
    expect(answer.body).toEqual(whole);
    expect(whole.length).toBeGreaterThan(1_000_000);
    const { body: list } = await api.on('lgwan').get(`/api/v1/data-exports/${id}/files`).set(headers).expect(200);
    const entries = await new Promise<number>((resolve, reject) => {
      fromBuffer(whole, (fault, zip) => (fault ? reject(fault) : resolve(zip.entryCount)));
    });
    expect(entries).toBe(list.items.length);
  });

  it('goes on where a download broke, wherever that was', async () => {
    const last = whole.length - 1;
    for (const broken of [1, 37, 1_000, last >> 1, last - 1_000, last]) {
      const { body: rest, ...answer } = await fetchPart({ range: `bytes=${broken}-`, 'if-range': tag }).expect(206);
      expect(answer.headers['content-range']).toBe(`bytes ${broken}-${last}/${whole.length}`);
      expect(answer.headers['content-length']).toBe(String(rest.length));
      expect(Buffer.concat([whole.subarray(0, broken), rest])).toEqual(whole);
    }
  });

  it.each([
    ['from one byte to another', 'bytes=100-199', 100, 200],
    ['beyond its end', 'bytes=100-99999999999', 100, Number.MAX_SAFE_INTEGER],
    ['its last ones', 'bytes=-500', -500, Number.MAX_SAFE_INTEGER],
  ])('gives the bytes %s', async (_which, range, first, end) => {
    const { body } = await fetchPart({ range }).expect(206);
    expect(body).toEqual(whole.subarray(first, end));
  });

  it.each([
    ['the part wanted is one of another archive', { range: 'bytes=100-', 'if-range': '"another"' }],
    ['the part wanted is one of some day', { range: 'bytes=100-', 'if-range': 'Sun, 22 Nov 2026 00:00:00 GMT' }],
    ['several parts are wanted', { range: 'bytes=0-1,100-101' }],
    ['the part is in other units', { range: 'rows=1-2' }],
    ['the range cannot be read', { range: 'from 100' }],
  ])('is sent whole where %s', async (_what, wanted) => {
    expect((await fetchPart(wanted).expect(200)).body).toEqual(whole);
  });

  it('has nothing behind its end', async () => {
    const answer = await api
      .on('lgwan')
      .get(`/api/v1/data-exports/${id}/archive`)
      .set({ ...headers, range: `bytes=${whole.length}-` })
      .expect(416);
    expect(answer.headers['content-range']).toBe(`bytes */${whole.length}`);
    expect(answer.body.code).toBe('REQUEST.RANGE_NOT_SATISFIABLE');
  });

  it('is on record with each part that is taken out', async () => {
    await fetchPart({ range: 'bytes=7-9' }).expect(206);
    const path = '/api/v1/audit-entries?action=data-export.taken-out';
    const { body } = await api.on('lgwan').get(path).set(headers).expect(200);
    expect(body.items[0]).toMatchObject({ subject: { id }, details: { first: 7, last: 9 } });
  });
});

/** On the same database and keys; it takes nothing from the queue by itself. */
function openWorker({ config, database }: TestApi): Promise<INestApplicationContext> {
  const { model, queue, keyService, log, management } = config;
  const keys = keyService.kind === 'local' ? keyService.directory : '';
  const worker = {
    concurrency: 1,
    streamHost: '127.0.0.1',
    streamPort: 0,
    streamSecret: config.api.streamSecret,
    leaseMs: 15_000,
    drainMs: 5_000,
    lostCallHorizonMs: 900_000,
    draftDays: 14,
    mailRecordDays: 180,
    auditAnchorFile: join(keys, '..', 'anchors.jsonl'),
  };
  return NestFactory.createApplicationContext(
    WorkerModule.forRoot({
      worker,
      database: config.database,
      vendorDatabase: { financeUrl: database.urls.finance },
      exitDatabase: { exitUrl: database.urls.exit },
      issuer: config.issuer,
      keyService,
      queue,
      model,
      smtp: null,
      log,
      management,
    }),
    { logger: false, abortOnError: false },
  );
}
