import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { readXlsx } from 'hucre/xlsx';
import { extractText } from 'unpdf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiveRunner, CloseRunner, InvoiceFiles } from '#libs/billing';
import { FinanceDatabase, createDataSource } from '#libs/database';
import { Clock, jstMonthOf, newId } from '#libs/kernel';
import { Log } from '#libs/observability';
import { type TestApi, ORIGIN, createTestApi } from '../../test/test-api.ts';
import { CITY_A, CITY_B, type TestCity, onboardCity, signIn, signInVendor } from '../../test/test-city.ts';

const DAY_MS = 86_400_000;
const THIS_MONTH = jstMonthOf(new Date());
const MONTH = jstMonthOf(new Date(new Date(`${THIS_MONTH}-01T00:00:00+09:00`).getTime() - DAY_MS));
const FISCAL_YEAR = Number(MONTH.slice(0, 4)) - (Number(MONTH.slice(5)) < 4 ? 1 : 0);

let api: TestApi;
let finance: string;
let admin: string;
let issued: { id: string; number: string };
let draft: { id: string };

/** The bytes of an answer, whatever its type. */
const take = (plane: 'vendor' | 'lgwan', cookie: string, path: string) =>
  api
    .on(plane)
    .get(path)
    .set({ cookie, origin: ORIGIN })
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks)));
    });
const vendor = (path: string) => take('vendor', finance, `/api/finance/v1${path}`);
const own = (path: string) => take('lgwan', admin, `/api/v1/invoices${path}`);

/** A contract with nothing but a base fee. */
async function agree({ id }: TestCity, name: string): Promise<void> {
  const source = await createDataSource(api.database.urls.superuser, 1).initialize();
  const people: { id: string }[] = await source.query('SELECT id FROM vendor_users ORDER BY login_id');
  const contract = newId();
  const starts = `${FISCAL_YEAR}-04-01`;
  await source.query(
    `INSERT INTO contracts (tenant_id, id, fiscal_year, title, starts_on, ends_on, billing_name, created_by, created_at)
     VALUES ($1, $2, $3, '生成AIサービス利用', $4, $5, $6, $7, now())`,
    [id, contract, FISCAL_YEAR, starts, `${FISCAL_YEAR + 1}-03-31`, name, people[0]!.id],
  );
  await source.query(
    `INSERT INTO contract_terms (tenant_id, contract_id, valid_from, base_fee_jpy, unit, counts_input, counts_output,
       counts_cache, included_units, pricing, unit_price_jpy, proposed_by, proposed_at, approved_by, approved_at)
     VALUES ($1, $2, $3, 55555, 'tokens', true, true, true, 1000, 'unit_price', 100, $4, now(), $5, now())`,
    [id, contract, starts, people[0]!.id, people[1]!.id],
  );
  await source.destroy();
}

beforeAll(async () => {
  api = await createTestApi();
  finance = await signInVendor(api, 'finance');
  const approver = await signInVendor(api, 'approver');
  const [city, other] = [await onboardCity(api.app, CITY_A), await onboardCity(api.app, CITY_B)];
  admin = await signIn(api, city, city.admin);
  await agree(city, '=葛\u{E0100}城市長');
  await agree(other, '別の市長');
  const post = (cookie: string, path: string, body: object = {}) =>
    api.on('vendor').post(`/api/finance/v1${path}`).set({ cookie, origin: ORIGIN }).send(body);
  await post(finance, `/periods/${MONTH}/close`).expect(202);
  await api.app.get(CloseRunner).run(MONTH);
  const { body } = await api.on('vendor').get(`/api/finance/v1/invoices`).set({ cookie: finance }).expect(200);
  const of = ({ id }: TestCity) => body.items.find(({ cityId }: { cityId: string }) => cityId === id);
  draft = of(other);
  const ids = [of(city).id];
  await post(finance, '/invoices/review', { ids }).expect(200);
  await post(approver, '/invoices/approve', { ids }).expect(200);
  await post(finance, '/invoices/issue', { ids }).expect(200);
  const mine = await api.on('lgwan').get('/api/v1/invoices').set({ cookie: admin }).expect(200);
  issued = mine.body.items[0];
});
afterAll(() => api[Symbol.asyncDispose]());

describe('an issued invoice', () => {
  it('is the same file for the city and for the vendor, today and tomorrow', async () => {
    for (const format of ['pdf', 'csv', 'xlsx', 'json', 'xml']) {
      const [first, again] = [
        await own(`/${issued.id}/document.${format}`),
        await vendor(`/invoices/${issued.id}/document.${format}`),
      ];
      expect([first.status, again.status]).toEqual([200, 200]);
      expect(first.body.equals(again.body)).toBe(true);
      expect(first.headers['content-disposition']).toContain(encodeURIComponent('請求書_').slice(0, 12));
    }
  });

  it('says one amount in every format', async () => {
    const pdf = await own(`/${issued.id}/document.pdf`).expect('content-type', 'application/pdf');
    const { text } = await extractText(new Uint8Array(pdf.body), { mergePages: true });
    expect(text.replace(/\s/g, '').normalize('NFKC')).toContain('¥61,110');
    const { body: csv } = await own(`/${issued.id}/document.csv`);
    const lines = parse<Record<string, string>>(csv, { bom: true, columns: true });
    expect(lines.map((row) => Number(row['金額（円）'])).reduce((sum, yen) => sum + yen, 0)).toBe(61_110);
    expect(lines[0]?.['請求先']).toBe("'=葛\u{E0100}城市長");
    const { sheets } = await readXlsx((await own(`/${issued.id}/document.xlsx`)).body);
    expect(sheets[0]?.rows.at(-1)?.at(-1)).toBe(61_110);
    expect(JSON.parse((await own(`/${issued.id}/document.json`)).body.toString())).toMatchObject({ totalJpy: 61_110 });
    expect((await own(`/${issued.id}/document.xml`)).body.toString()).toContain(
      '<cbc:PayableAmount currencyID="JPY">61110<',
    );
    const { body: finops } = await own(`/${issued.id}/focus.csv`);
    const focus = parse<Record<string, string>>(finops, { columns: true });
    expect(focus.map((row) => Number(row['BilledCost'])).reduce((sum, yen) => sum + yen, 0)).toBe(61_110);
  });

  it('leaves a record with the city whenever it is taken out', async () => {
    const before = await recorded(issued.id);
    await own(`/${issued.id}/document.csv?table=allocations`).expect(200);
    expect(await recorded(issued.id)).toBe(before + 1);
  });

  it('is asked for in no other format, table or name', async () => {
    await own(`/${issued.id}/document.exe`).expect(404);
    await own(`/${issued.id}/document.csv?table=all`).expect(422);
    await own(`/${newId()}/document.pdf`).expect(404);
  });
});

describe('a draft', () => {
  it('is there for the vendor alone, marked as one, and never as a digital invoice', async () => {
    const pdf = await vendor(`/invoices/${draft.id}/document.pdf`).expect(200);
    const { text } = await extractText(new Uint8Array(pdf.body), { mergePages: true });
    expect(text.replace(/\s/g, '')).toContain('下書き');
    const refused = await vendor(`/invoices/${draft.id}/document.xml`).expect(409);
    expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'BILLING.INVOICE_NOT_ISSUED' });
    await own(`/${draft.id}/document.pdf`).expect(404);
  });
});

describe('a month', () => {
  it('comes as one FOCUS table of what was issued', async () => {
    const { body } = await vendor(`/periods/${MONTH}/focus.csv`).expect(200);
    const rows = parse<Record<string, string>>(body, { columns: true });
    expect(new Set(rows.map((row) => row['InvoiceId']))).toEqual(new Set([issued.number]));
    expect(rows.map((row) => Number(row['BilledCost'])).reduce((sum, yen) => sum + yen, 0)).toBe(61_110);
  });

  describe('as an archive of its PDFs', () => {
    const archive = `/api/finance/v1/periods/${MONTH}/archive`;
    const ask = (method: 'put' | 'get' | 'delete', path = archive) =>
      api.on('vendor')[method](path).set({ cookie: finance, origin: ORIGIN });
    const print = async () => {
      const [archived] = await rowsOf<{ id: string }>('SELECT id FROM invoice_archives WHERE month = $1', [
        `${MONTH}-01`,
      ]);
      await archiveRunner(api).run(archived!.id);
    };

    it('is printed once for all who ask while it is, shows how far it is, and holds each file as it is by itself', async () => {
      expect((await ask('get').expect(200)).body).toEqual({ archive: null });
      const asked = await ask('put').expect(202);
      expect(asked.body).toMatchObject({ month: MONTH, state: 'running', done: 0, total: 1, fault: null });
      expect((await ask('put').expect(202)).body).toEqual(asked.body);
      const early = await vendor(`/periods/${MONTH}/documents.zip`).expect(409);
      expect(JSON.parse(early.body.toString())).toMatchObject({ code: 'BILLING.ARCHIVE_NOT_READY' });
      await print();
      expect((await ask('get').expect(200)).body.archive).toMatchObject({ state: 'ready', done: 1, total: 1 });
      const { body } = await vendor(`/periods/${MONTH}/documents.zip`).expect('content-type', 'application/zip');
      const entries = Object.entries(unzipSync(body));
      expect(entries.map(([name]) => name)).toEqual([expect.stringContaining(`請求書_${issued.number}_`)]);
      const { body: alone } = await vendor(`/invoices/${issued.id}/document.pdf`);
      expect(alone.equals(entries[0]![1])).toBe(true);
      const { body: again } = await vendor(`/periods/${MONTH}/documents.zip`);
      expect(again.equals(body)).toBe(true);
    });

    it('is cancelled while it is printed, and nothing of it stays', async () => {
      await ask('put').expect(202);
      await ask('delete').expect(204);
      await ask('delete').expect(404);
      expect((await ask('get').expect(200)).body).toEqual({ archive: null });
      await vendor(`/periods/${MONTH}/documents.zip`).expect(404);
      expect(await rowsOf('SELECT FROM invoice_archive_files')).toEqual([]);
    });

    it('is not begun for a month of which nothing was issued, nor by who may not read invoices', async () => {
      const none = await ask('put', '/api/finance/v1/periods/2021-05/archive').expect(409);
      expect(none.body.code).toBe('BILLING.NOTHING_ISSUED');
      const ops = await signInVendor(api, 'ops');
      await api.on('vendor').put(archive).set({ cookie: ops, origin: ORIGIN }).expect(403);
    });
  });
});

/** A worker's part, in this process. */
const archiveRunner = ({ app }: TestApi) =>
  new ArchiveRunner(app.get(FinanceDatabase), app.get(InvoiceFiles), app.get(Clock), app.get(Log));

async function rowsOf<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const source = await createDataSource(api.database.urls.superuser, 1).initialize();
  const found = await source.query<Row[]>(sql, parameters);
  await source.destroy();
  return found;
}

async function recorded(invoice: string): Promise<number> {
  const [row] = await rowsOf<{ count: number }>(
    `SELECT count(*)::int AS count FROM audit_entries a JOIN invoices i ON i.tenant_id = a.tenant_id
     WHERE i.id = $1 AND a.action = 'invoice.exported'`,
    [invoice],
  );
  return row!.count;
}
