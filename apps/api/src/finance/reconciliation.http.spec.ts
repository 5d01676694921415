import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, type TestCity, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const REPORTS = '/api/finance/v1/cost-reports';
const MONTH = '2026-05';
const COLUMNS =
  'line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code';
const line = (usageType: string, usd: string) =>
  `2026-05-10T03:00:00Z,Usage,AmazonBedrock,${usageType},1,${usd},USD,ap-northeast-1`;

describe('reconciliation over the API', () => {
  let api: TestApi;
  let city: TestCity;
  let cookies: Record<'finance' | 'approver' | 'ops' | 'admin', string>;
  let files = 0;
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    cookies = {
      finance: await signInVendor(api, 'finance'),
      approver: await signInVendor(api, 'approver'),
      ops: await signInVendor(api, 'ops'),
      admin: await signIn(api, city, city.admin),
    };
  });
  beforeEach(() =>
    api.eyes.query(
      'TRUNCATE cost_report_waivers, variance_entries, variances, reconciled_usage, cost_reports, cost_report_lines',
    ),
  );
  afterAll(() => api[Symbol.asyncDispose]());

  type Who = keyof typeof cookies;
  const get = (path: string, who: Who = 'finance') => api.on('vendor').get(path).set('cookie', cookies[who]);
  const post = (path: string, body: object = {}, who: Who = 'finance') =>
    api.on('vendor').post(path).set('cookie', cookies[who]).send(body);
  const upload = (
    body: string | Buffer,
    { month = MONTH, who = 'finance', type = 'text/csv' }: { month?: string; who?: Who; type?: string } = {},
  ) =>
    api
      .on('vendor')
      .post(`${REPORTS}?month=${month}`)
      .set('cookie', cookies[who])
      .set('content-type', type)
      .set('x-file-name', encodeURIComponent('請求.csv'))
      .send(body);
  const csv = (...lines: string[]) => `${COLUMNS},note\n${lines.map((text) => `${text},${(files += 1)}\n`).join('')}`;
  const compared = async () => (await get(`/api/finance/v1/reconciliations/${MONTH}`).expect(200)).body;

  it('takes a report in, packed or not, and shows where it stands against ours', async () => {
    const packed = gzipSync(csv(line('APN1-X-input-tokens', '1.5')));
    const { body, headers } = await upload(packed, { type: 'application/gzip' }).expect(201);
    expect(headers['location']).toBe(`${REPORTS}/${body.id}`);
    expect(body).toMatchObject({
      month: MONTH,
      format: 'cur-2.0',
      fileName: '請求.csv',
      fileLines: 1,
      importedBy: 'finance',
    });
    expect((await get(headers['location']!).expect(200)).body).toEqual(body);
    expect(await compared()).toMatchObject({
      needsReport: false,
      isReportFinal: true,
      providerUsd: '1.5',
      openUsd: '1.5',
      allowedUsd: '0.0075',
      blockedBy: null,
      variances: [{ model: null, differenceUsd: '1.5' }],
      days: [{ day: '2026-05-10', providerUsd: '1.5', ourUsd: '0' }],
      unmapped: [
        { usageType: 'APN1-X-input-tokens', productCode: 'AmazonBedrock', firstFileLine: 2, likelyKind: 'input' },
      ],
    });
    await upload(csv(line('APN1-X-input-tokens', '2'))).expect(201);
    const { body: list } = await get(REPORTS).expect(200);
    expect(list.items.map(({ replacedAt }: { replacedAt: string | null }) => replacedAt === null)).toEqual([
      true,
      false,
    ]);
  });

  it('refuses what cannot be trusted, names the place, and keeps nothing of it', async () => {
    const good = csv(line('APN1-X-input-tokens', '1.5'));
    const refusals: [string, string, string][] = [
      ['RECONCILIATION.CURRENCY_REFUSED', good.replace('USD', 'JPY'), '/lines/2/line_item_currency_code'],
      ['RECONCILIATION.MONTH_MISMATCH', good.replace('05-10', '06-10'), '/lines/2/line_item_usage_start_date'],
      ['RECONCILIATION.AMOUNT_INVALID', good.replace('1.5', '-1.5'), '/lines/2/line_item_unblended_cost'],
      ['RECONCILIATION.COLUMNS_MISSING', good.replace('line_item_usage_type', 'type'), '/lines/1/line_item_usage_type'],
    ];
    for (const [code, text, pointer] of refusals) {
      const { body } = await upload(text).expect(422);
      expect([body.code, body.faults[0].pointer]).toEqual([code, pointer]);
    }
    const broken = await upload(Buffer.concat([Buffer.from(good), Buffer.from([0xff])])).expect(422);
    expect(broken.body.code).toBe('RECONCILIATION.FILE_UNREADABLE');
    await upload('{}', { type: 'application/json' }).expect(415);
    await upload(good, { month: '2026-13' }).expect(422);
    expect((await get(REPORTS).expect(200)).body.items).toEqual([]);
    await upload(good).expect(201);
    expect((await upload(good).expect(409)).body.code).toBe('RECONCILIATION.REPORT_DUPLICATE');
  });

  it('lets finance map what nobody has mapped, and two people account for the rest', async () => {
    await upload(csv(line('APN1-Y-output-tokens', '4'))).expect(201);
    const mapping = { usageType: 'APN1-Y-output-tokens', productCode: '', model: 'model-y', tokenKind: 'output' };
    const put = (items: object[], who: Who = 'finance') =>
      api.on('vendor').put('/api/finance/v1/usage-type-models').set('cookie', cookies[who]).send({ items });
    expect((await put([mapping]).expect(200)).body.items).toContainEqual(mapping);
    await put([mapping, mapping]).expect(422);
    await put([mapping], 'approver').expect(403);
    const { variances, unmapped } = await compared();
    expect(unmapped).toEqual([]);
    const [variance] = variances;
    expect(variance).toMatchObject({ model: 'model-y', openUsd: '4', entries: [] });

    const entries = `/api/finance/v1/variances/${variance.id}/entries`;
    await post(entries, { kind: 'posted', explanation: ' ' }).expect(422);
    await post(entries, { kind: 'posted', explanation: '検証環境の費用' }, 'approver').expect(403);
    await post(entries, { kind: 'posted', explanation: '検証環境の費用' }).expect(204);
    expect((await post(entries, { kind: 'explained', explanation: '二重' }).expect(409)).body.code).toBe(
      'RECONCILIATION.ALREADY_PROPOSED',
    );
    const entry = (await compared()).variances[0].entries[0];
    expect(entry).toMatchObject({ kind: 'posted', usd: '4', proposedBy: 'finance', approvedBy: null });
    const decide = (what: string, who: Who) => post(`/api/finance/v1/variance-entries/${entry.id}/${what}`, {}, who);
    expect((await decide('approve', 'finance').expect(403)).body.code).toBe('RECONCILIATION.SAME_PERSON');
    await decide('approve', 'approver').expect(204);
    expect(await compared()).toMatchObject({
      openUsd: '0',
      variances: [{ openUsd: '0', entries: [{ approvedBy: 'approver' }] }],
    });
    expect((await decide('withdraw', 'finance').expect(409)).body.code).toBe('RECONCILIATION.ALREADY_DECIDED');
    await post(`/api/finance/v1/variances/${newId()}/entries`, { kind: 'posted', explanation: 'x' }).expect(404);
    await post(`/api/finance/v1/variance-entries/${newId()}/approve`, {}, 'approver').expect(404);
  });

  it('records who decided to do without a report', async () => {
    const waiver = `/api/finance/v1/reconciliations/${MONTH}/waiver`;
    const propose = () => api.on('vendor').put(waiver).set('cookie', cookies.finance).send({ reason: '取得不能' });
    await propose().expect(204);
    expect((await propose().expect(409)).body.code).toBe('RECONCILIATION.ALREADY_PROPOSED');
    await api.on('vendor').delete(waiver).set('cookie', cookies.finance).expect(204);
    await propose().expect(204);
    expect((await post(`${waiver}/approve`).expect(403)).body.code).toBe('RECONCILIATION.SAME_PERSON');
    await post(`${waiver}/approve`, {}, 'approver').expect(204);
    expect((await compared()).waiver).toMatchObject({
      reason: '取得不能',
      proposedBy: 'finance',
      approvedBy: 'approver',
    });
    await post('/api/finance/v1/reconciliations/2026-04/waiver/approve', {}, 'approver').expect(404);
  });

  it('is nobody’s business but finance’s', async () => {
    for (const path of [REPORTS, `/api/finance/v1/reconciliations/${MONTH}`, '/api/finance/v1/usage-type-models']) {
      await get(path, 'ops').expect(403);
      await api.on('lgwan').get(path).set('cookie', cookies.admin).expect(404);
    }
    await upload(csv(line('APN1-X-input-tokens', '1')), { who: 'approver' }).expect(403);
  });
});
