import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, myNumber, onboardCity } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const TEMPLATE = '次の用件への案内文を作成してください。用件：';

/** 氏名,用件 / 山田,住民票の写し / 佐藤,=転入届 as Excel in Japan saves it (CP932). */
const SHIFT_JIS = Buffer.from(
  '8e8196bc2c97708c8f0d0a8e5293632c8f5a96af955b82cc8eca82b50d0a8db293a12c3d935d93fc93cd0d0a',
  'hex',
);

const file = (name: string, content: string | Buffer) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

describe('a batch in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  beforeAll(async () => {
    browser = await launchBrowser();
    city = await onboardCity('一括市');
  });
  afterAll(() => browser.close());

  const windowOf = async (client: Client) => {
    const window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, client.headers['cookie']!);
    return window;
  };

  const choose = (page: Page, name: string, content: string | Buffer) =>
    page.getByLabel('ファイル', { exact: true }).setInputFiles(file(name, content));

  /** From a file to a batch that has been started. */
  async function startBatch(page: Page, name: string, content: string | Buffer): Promise<void> {
    await page.goto('/batches/new');
    await choose(page, name, content);
    await page.getByRole('textbox', { name: 'プロンプトのテンプレート' }).fill(TEMPLATE);
    await page.getByRole('button', { name: '用件', exact: true }).click();
    await page.getByRole('button', { name: '内容を確認' }).click();
    await page.getByRole('button', { name: '処理を開始' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '開始する' }).click();
  }

  it('goes from a Shift_JIS file to the downloaded results', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    await using window = await windowOf(city.admin);
    const { page } = window;
    await page.goto('/');
    await page.getByRole('navigation', { name: '作業' }).getByRole('link', { name: '一括処理' }).click();
    await page.getByRole('link', { name: '新しい一括処理' }).click();
    await choose(page, '窓口.csv', SHIFT_JIS);
    await page.getByRole('heading', { name: '窓口.csv', level: 1 }).waitFor();
    await page.getByText('Shift_JIS（CP932）').waitFor();
    await page.getByRole('textbox', { name: 'プロンプトのテンプレート' }).fill(TEMPLATE);
    await page.getByRole('button', { name: '用件', exact: true }).click();
    await page.getByRole('button', { name: '内容を確認' }).click();
    const forecast = page.getByRole('region', { name: '開始前の確認' });
    await forecast.getByText(`${TEMPLATE}住民票の写し`).waitFor();
    await forecast.getByText('今月の残りの範囲内です。').waitFor();
    await forecast.getByText(/約[\d,]+円（税抜。/).waitFor();
    await forecast.getByRole('button', { name: '処理を開始' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '開始する' }).click();

    await page.getByText('2／2行が終わりました').waitFor();
    expect(await page.getByTestId('count-completed').innerText()).toMatch(/2$/);
    await page
      .getByRole('table', { name: '結果' })
      .getByRole('row', { name: /山田.*住民票/ })
      .waitFor();
    const plan = page.getByRole('region', { name: '処理の内容' });
    await plan.getByText(/^[\d,]+（入力 [\d,]+、出力 [\d,]+）$/).waitFor();
    await plan.getByText('プロンプトのテンプレート').click();
    await plan.getByText(`${TEMPLATE}{用件}`).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSVをダウンロード' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('窓口_結果.csv');
    const csv = readFileSync(await download.path(), 'utf8');
    expect(csv.startsWith('\ufeff氏名,用件,回答,状態,備考\r\n')).toBe(true);
    expect(csv).toContain("佐藤,'=転入届,");
    expect(csv.match(/,完了,/g)).toHaveLength(2);
    expect(window.faults).toEqual([]);
    expect(window.requests.filter((url) => !url.startsWith(`${origins.lgwan}/`))).toEqual([]);
  });

  it('fits a narrow window, however long a column is called', async () => {
    await using window = await windowOf(city.admin);
    const { page } = window;
    const column = '窓口で受け付けた用件の概要と、担当課に引き継ぐときに伝えたいこと（任意）';
    await page.goto('/batches/new');
    await choose(page, '長い列名.csv', `氏名,${column}\n山田,転入\n`);
    await page.getByRole('button', { name: column }).click();
    await expectFit(page, '長い列名');
  });

  it('is refused with row and column where a cell holds a My Number, and nothing is kept', async () => {
    await using window = await windowOf(city.admin);
    const { page } = window;
    await page.goto('/batches/new');
    await choose(page, '台帳.csv', `氏名,備考\n山田,なし\n佐藤,${myNumber()}\n`);
    await page.getByRole('alert').getByText('個人番号（マイナンバー）と思われる数字').waitFor();
    const places = page.getByRole('table', { name: '直すところ' });
    await places.getByRole('row', { name: /3 2 3行目「備考」列/ }).waitFor();
    const { body } = await city.admin.get('/api/v1/batches').expect(200);
    expect(JSON.stringify(body)).not.toContain('台帳');
  });

  it('is stopped in its course and keeps what has ended', async () => {
    await using _ = await modelBehaves({ firstTokenDelayMs: 300, tokenDelayMs: 20 });
    await using window = await windowOf(city.admin);
    const { page } = window;
    await startBatch(
      page,
      '多数.csv',
      `氏名,用件\n${Array.from({ length: 300 }, (_row, at) => `住民${at},用件${at}`).join('\n')}\n`,
    );
    await page.getByTestId('count-queued').waitFor();
    await page.getByRole('button', { name: '残りを取り消す' }).click();
    // To leave is not called cancelling where cancelling is what is asked
    await page.getByRole('dialog').getByRole('button', { name: '戻る' }).click();
    await page.getByRole('button', { name: '残りを取り消す' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取り消す' }).click();
    await page.getByText('300／300行が終わりました').waitFor();
    expect(await page.getByTestId('count-queued').innerText()).toMatch(/0$/);
    await page.getByRole('button', { name: '削除' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '削除する' }).click();
    await page.getByRole('heading', { name: '一括処理', level: 1 }).waitFor();
    expect(await page.getByRole('link', { name: '多数.csv' }).count()).toBe(0);
  });

  it('tries failed rows again when asked', async () => {
    await using window = await windowOf(city.admin);
    const { page } = window;
    {
      await using _ = await modelBehaves({ ...AT_ONCE, errorAtFrame: 4 });
      await startBatch(page, '再実行.csv', '氏名,用件\n山田,転出\n');
      await page.getByText('1／1行が終わりました').waitFor();
    }
    await using _ = await modelBehaves(AT_ONCE);
    expect(await page.getByTestId('count-failed').innerText()).toMatch(/1$/);
    await page.getByRole('link', { name: '一括処理の一覧' }).click();
    await page.getByRole('meter', { name: '再実行.csvの進み具合' }).waitFor();
    await page.getByRole('link', { name: '再実行.csv' }).click();
    await page.getByRole('button', { name: '失敗した行を再実行' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '再実行する' }).click();
    await page.getByTestId('count-completed').getByText('1').waitFor();
  });
});
