import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, onboardCity } from './support/people.ts';

const { origins } = runningStack();
const DEPARTMENTS = '所属コード,所属名,上位所属コード\njinji,人事課,somu\nsomu,総務部,\n';

/**
 * As Excel in Japan saves it (CP932): ログインID,氏名,所属コード,権限 / first-admin,最初の管理者,jinji,管理者 /
 * sato,髙橋 花子,(code),
 */
const shiftJis = (code: 'jinji' | 'jinjii'): Buffer =>
  Buffer.from(
    `838d834f8343839349442c8e8196bc2c8f8a91ae8352815b83682c8ca08cc00d0a66697273742d61646d696e2c8dc58f8982cc8ac7979d8ed22c6a696e6a692c8ac7979d8ed20d0a7361746f2ceee08bb42089d48e712c${Buffer.from(code).toString('hex')}2c0d0a`,
    'hex',
  );

describe('the transfer of personnel in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  beforeAll(async () => {
    browser = await launchBrowser();
    city = await onboardCity('異動市');
  });
  afterAll(() => browser.close());

  const choose = (page: Page, label: string, name: string, content: string | Buffer) =>
    page.getByLabel(label, { exact: true }).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });

  async function begin(page: Page, code: 'jinji' | 'jinjii'): Promise<void> {
    await page.goto('/admin/members');
    await page.getByRole('link', { name: '一括登録・人事異動' }).click();
    await page.getByRole('button', { name: '新しく一括登録する' }).click();
    await page.getByRole('heading', { name: 'ファイルを選ぶ' }).waitFor();
    await choose(page, '所属のファイルを選択', '所属.csv', DEPARTMENTS);
    await page.getByText('所属.csv（2行）').first().waitFor();
    await choose(page, '職員のファイルを選択', '職員.csv', shiftJis(code));
    await page.getByText('職員.csv（2行）').first().waitFor();
    await page.getByRole('button', { name: '内容を確認する' }).click();
  }

  it('names row and column of what is wrong in a Shift_JIS file, then applies the mended one', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, city.admin.headers['cookie']!);
    const { page } = window;
    await begin(page, 'jinjii');
    await page.getByText('1件の誤りがあります').waitFor();
    const fault = page.getByRole('table', { name: '誤りの一覧' }).getByRole('row', { name: /3 所属コード .*jinjii/ });
    await fault.waitFor();
    await expectFit(page, 'faults');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: '誤りの一覧をCSVでダウンロード' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/職員,3,所属コード,/);

    await page.getByRole('button', { name: '職員のファイルを外す' }).click();
    await choose(page, '職員のファイルを選択', '職員.csv', shiftJis('jinji'));
    await page.getByText('職員.csv（2行）').first().waitFor();
    await page.getByRole('button', { name: '内容を確認する' }).click();
    const changes = page.getByRole('table', { name: '変更', exact: true });
    await changes.getByRole('row', { name: /sato 追加 髙橋 花子/ }).waitFor();
    await changes.getByRole('row', { name: /first-admin 異動 .*jinji/ }).waitFor();
    await expectFit(page, 'check');
    await page.getByRole('button', { name: '反映する', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: '反映する' }).click();
    await page.getByText(/に反映しました$/).waitFor();
    await expectFit(page, 'result');

    await page.goto('/admin/members');
    await page.getByRole('row', { name: /髙橋 花子.*総務部|髙橋 花子.*人事課/ }).waitFor();
    expect(window.faults).toEqual([]);
  });

  it('plans the first of April, and withdraws a line of the plan and then all of it', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, city.admin.headers['cookie']!);
    const { page } = window;
    await page.goto('/admin/members/import');
    await page.getByRole('button', { name: '新しく一括登録する' }).click();
    const csv = 'ログインID,氏名\nfirst-admin,新しい氏名\nsato,結婚後の氏名\n';
    await choose(page, '職員のファイルを選択', '四月.csv', csv);
    await page.getByText('四月.csv（2行）').first().waitFor();
    await page.getByRole('button', { name: '内容を確認する' }).click();
    await page.getByLabel(/日付を指定して予約する/).check();
    await page.getByRole('button', { name: '予約する' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '予約する' }).click();
    await page.getByText(/\/04\/01の0時に反映します$/).waitFor();
    await page.getByRole('button', { name: 'satoの行を取り消す' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取り消す' }).click();
    await page.getByText('取り消した行（1件）：sato').waitFor();
    await page.getByRole('table', { name: '変更', exact: true }).getByText('新しい氏名').waitFor();
    await expectFit(page, 'a plan');
    await page.getByRole('link', { name: '一覧へ戻る' }).click();
    await page.getByRole('row', { name: /予約 .*\/04\/01/ }).waitFor();
    await expectFit(page, 'history');
    await page
      .getByRole('row', { name: /予約 .*\/04\/01/ })
      .getByRole('link')
      .click();
    await page.getByRole('button', { name: '予約を取りやめる' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '予約を取りやめる' }).click();
    await page.getByText(/に取りやめました$/).waitFor();
    const { items } = (await city.admin.get('/api/v1/members').expect(200)).body;
    expect(JSON.stringify(items)).not.toContain('新しい氏名');
  });
});
