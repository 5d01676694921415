import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BatchDesk, CSV, PLAN } from '../../../test/batch-desk.ts';
import { CITY_B, addApiKey, addMember, onboardCity, signIn } from '../../../test/test-city.ts';

const MY_NUMBER = '123456789018';
/** What processes know of the pool is a second old at most. */
const PATIENCE = { timeout: 5_000, interval: 50 };

describe('what no batch is made of', () => {
  let desk: BatchDesk;
  beforeAll(async () => {
    desk = await BatchDesk.open();
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  it('that does not fit into the budget is refused whole', async () => {
    const id = await desk.draft();
    const before = await desk.stored();
    await desk.setLimit('reserved_tokens + 500');
    const { body } = await desk.ask('post', `/${id}/start`, PLAN).expect(402);
    expect(body.code).toBe('METERING.BUDGET_EXHAUSTED');
    expect((await desk.ask('post', `/${id}/forecast`, PLAN).expect(200)).body).toMatchObject({
      fitsBudget: false,
      remainingTokens: 500,
    });
    await desk.setLimit('1000000000');
    expect(await desk.stored()).toEqual(before);
    expect((await desk.ask('get', `/${id}`).expect(200)).body.state).toBe('draft');
  });

  it('with a My Number in any cell is refused with its place, and nothing is kept', async () => {
    const before = await desk.stored();
    const { body } = await desk.upload(`氏名,備考\n山田,なし\n佐藤,番号 ${MY_NUMBER} です\n`).expect(422);
    expect(body.code).toBe('GUARD.MY_NUMBER_FOUND');
    expect(body.faults).toEqual([
      { pointer: '/rows/3/columns/2', message: expect.stringContaining('3行目「備考」列') },
    ]);
    expect(JSON.stringify(body)).not.toContain(MY_NUMBER.slice(0, 6));
    expect(await desk.stored()).toEqual(before);
    expect(
      await desk.value(
        `SELECT details::json->>'code' FROM audit_entries WHERE action = 'batch.refused' ORDER BY sequence DESC LIMIT 1`,
      ),
    ).toBe('GUARD.MY_NUMBER_FOUND');
  });

  it('whose template makes a My Number out of harmless cells is refused with the row', async () => {
    const id = await desk.draft(`a,b\n1234,x\n${MY_NUMBER.slice(0, 6)},${MY_NUMBER.slice(6)}\n`);
    for (const step of ['forecast', 'start']) {
      const { body } = await desk.ask('post', `/${id}/${step}`, { template: '番号は{a}{b}' }).expect(422);
      expect(body).toMatchObject({ code: 'GUARD.MY_NUMBER_FOUND', faults: [{ pointer: '/rows/3' }] });
    }
    expect(await desk.count(`jobs WHERE batch_id = $1`, id)).toBe(0);
  });

  it.each([
    ['a template of no column', { template: 'x' }, 422, 'BATCHES.TEMPLATE_INVALID'],
    ['a template of an unknown column', { template: '{住所}' }, 422, 'BATCHES.TEMPLATE_INVALID'],
    ['an unknown model', { ...PLAN, model: 'none' }, 422, 'JOBS.MODEL_UNKNOWN'],
    ['longer answers than the model can give', { ...PLAN, maxTokens: 999_999 }, 422, 'JOBS.MAX_TOKENS_TOO_LARGE'],
    ['a purpose that is not enabled', { ...PLAN, purposeCode: 'none' }, 422, 'GUARD.PURPOSE_NOT_ENABLED'],
  ])('with %s is refused and stays a draft', async (_, plan, status, code) => {
    const id = await desk.draft();
    expect((await desk.ask('post', `/${id}/start`, plan).expect(status)).body.code).toBe(code);
    expect((await desk.ask('get', `/${id}`).expect(200)).body.state).toBe('draft');
  });

  it.each([0, -1, 1.5, 1_000_001, 1e300, '100'])(
    'with %s for the longest answer is refused at its place and stays a draft',
    async (maxTokens) => {
      const id = await desk.draft();
      for (const step of ['forecast', 'start']) {
        const { body } = await desk.ask('post', `/${id}/${step}`, { ...PLAN, maxTokens }).expect(422);
        expect(body.code).toBe('REQUEST.INVALID');
        expect(body.faults[0].pointer).toBe('/maxTokens');
      }
      expect(await desk.count('jobs WHERE batch_id = $1', id)).toBe(0);
    },
  );

  it('for a model that no healthy deployment can answer is refused whole, and can be started later', async () => {
    const id = await desk.draft();
    const forecast = async () => (await desk.ask('post', `/${id}/forecast`, PLAN)).status;
    await desk.breakers(`now() + interval '1 min'`);
    await vi.waitUntil(async () => (await forecast()) === 503, PATIENCE);
    const { body } = await desk.ask('post', `/${id}/start`, PLAN).expect(503);
    expect(body.code).toBe('MODEL.NO_HEALTHY_DEPLOYMENT');
    expect(await desk.count('jobs WHERE batch_id = $1', id)).toBe(0);
    await desk.breakers('NULL');
    await vi.waitUntil(async () => (await forecast()) === 200, PATIENCE);
    await desk.ask('post', `/${id}/start`, PLAN).expect(202);
  });

  it.each([
    ['nothing', '', 422, 'BATCHES.TABLE_INVALID'],
    ['a header alone', 'a,b', 422, 'BATCHES.TABLE_INVALID'],
    ['more rows than allowed', `a\n${'1\n'.repeat(10_001)}`, 413, 'BATCHES.FILE_TOO_LARGE'],
    ['a million rows', `a\n${'1\n'.repeat(1_000_000)}`, 413, 'BATCHES.FILE_TOO_LARGE'],
    ['bytes that are no text', Buffer.of(0x61, 0x0a, 0xff, 0xfd, 0x00), 422, 'BATCHES.FILE_UNREADABLE'],
    ['a broken archive', 'PK\x03\x04 and no more', 422, 'BATCHES.FILE_UNREADABLE'],
  ])('of %s is refused by its code', async (_, file, status, code) => {
    const { body } = await desk.upload(file).expect(status);
    expect(body.code).toBe(code);
    expect(body.detail).toMatch(/\p{sc=Hiragana}/u);
  });

  it('of rows that differ in length is refused with every row and column, and nothing is kept', async () => {
    const before = await desk.stored();
    const { body } = await desk.upload('氏名,用件\n山田,住民票\n佐藤\n鈴木,転入,急ぎ\n').expect(422);
    expect(body).toMatchObject({
      code: 'BATCHES.TABLE_INVALID',
      faults: [
        { pointer: '/rows/3/columns/2', message: expect.stringContaining('3行目') },
        { pointer: '/rows/4/columns/3', message: expect.stringContaining('4行目') },
      ],
    });
    expect(await desk.stored()).toEqual(before);
  });

  it('with a row of which no prompt comes is refused by row and column, before the start and at it', async () => {
    const id = await desk.draft('氏名,用件\n山田,住民票\n佐藤,　\n');
    for (const step of ['forecast', 'start']) {
      const { body } = await desk.ask('post', `/${id}/${step}`, { ...PLAN, template: '{用件}' }).expect(422);
      expect(body).toMatchObject({
        code: 'BATCHES.TEMPLATE_INVALID',
        faults: [{ pointer: '/rows/3/columns/2', message: expect.stringContaining('3行目：「用件」列が空') }],
      });
    }
    expect(await desk.count('jobs WHERE batch_id = $1', id)).toBe(0);
    await desk.ask('post', `/${id}/start`, PLAN).expect(202);
  });

  it('takes Shift_JIS as it comes from a spreadsheet, and says that it did', async () => {
    // 氏名,用件 / 髙橋,①届出 with the characters that Microsoft added
    const file = Buffer.from('8e8196bc2c97708c8f0d0afbfc8bb42c874093cd8f6f0d0a', 'hex');
    const { body } = await desk.upload(file).expect(201);
    expect(body).toMatchObject({ encoding: 'shift_jis', columns: ['氏名', '用件'], rowCount: 1 });
  });

  it('takes a file as it is and nothing else', async () => {
    const as = { cookie: desk.cookie, 'content-type': 'multipart/form-data; boundary=x' };
    await desk.api.on('lgwan').post('/api/v1/batches').set(as).send('--x--').expect(415);
    await desk.api
      .on('lgwan')
      .post('/api/v1/batches')
      .set({ cookie: desk.cookie, 'content-encoding': 'gzip', 'content-type': 'text/csv' })
      .send(CSV)
      .expect(415);
  });

  it('a draft cannot be cancelled, tried again or taken out', async () => {
    const id = await desk.draft();
    for (const [method, path, body] of [
      ['post', 'cancel'],
      ['post', 'retry', { round: 1 }],
      ['get', 'results'],
    ] as const)
      expect((await desk.ask(method, `/${id}/${path}`, body).expect(409)).body.code).toBe('BATCHES.NOT_STARTED');
    await desk.ask('delete', `/${id}`).expect(204);
  });

  it('exists for nobody but who made it: colleagues, keys, other networks and other cities get a missing one', async () => {
    const id = await desk.started();
    const colleague = await addMember(desk.api.app, desk.city, { loginId: 'colleague', role: 'staff' });
    const other = await onboardCity(desk.api.app, CITY_B);
    const strangers: Record<string, string>[] = [
      { cookie: await signIn(desk.api, desk.city, colleague) },
      { cookie: await signIn(desk.api, other, other.admin) },
      { authorization: `Bearer ${await addApiKey(desk.api.app, desk.city)}` },
    ];
    const routes = [
      ['get', `/${id}`],
      ['get', `/${id}/rows`],
      ['get', `/${id}/results`],
      ['post', `/${id}/forecast`, PLAN],
      ['post', `/${id}/start`, PLAN],
      ['post', `/${id}/cancel`],
      ['post', `/${id}/retry`, { round: 1 }],
      ['delete', `/${id}`],
    ] as const;
    for (const stranger of strangers) {
      for (const [method, path, body] of routes) {
        const missing = await desk.ask(
          method,
          path.replace(id, '01890000-0000-7000-8000-000000000000'),
          body,
          stranger,
        );
        const theirs = await desk.ask(method, path, body, stranger);
        expect([theirs.status, theirs.text]).toEqual([404, missing.text]);
      }
      expect((await desk.ask('get', '', undefined, stranger).expect(200)).body.items).toEqual([]);
    }
    const lists = (await desk.ask('get', '?limit=1').expect(200)).body;
    expect(lists.items[0].id).toBe(id);
    expect((await desk.ask('get', `?limit=1&cursor=${lists.nextCursor}`).expect(200)).body.items[0].id).not.toBe(id);
  });

  it('is not for auditors, and is for API keys', async () => {
    const auditor = await addMember(desk.api.app, desk.city, { loginId: 'auditor', role: 'auditor' });
    await desk.upload(CSV, { cookie: await signIn(desk.api, desk.city, auditor) }).expect(403);
    const key = { authorization: `Bearer ${await addApiKey(desk.api.app, desk.city)}` };
    const { body } = await desk.upload(CSV, key).expect(201);
    await desk.ask('post', `/${body.id}/start`, PLAN, key).expect(202);
  });
});
