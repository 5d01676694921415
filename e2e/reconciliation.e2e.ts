import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { proveAgain, signInVendor, visitor } from './support/people.ts';

const { origins } = runningStack();
const MONTH = '2026-01';
const APRIL = 3;
const USAGE_TYPE = `APN1-Trial${Date.now()}-input-tokens`;

const report = (usd: string, currency = 'USD') =>
  [
    'line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code',
    `${MONTH}-15T03:00:00Z,Usage,AmazonBedrock,${USAGE_TYPE},1,${usd},${currency},ap-northeast-1`,
  ].join('\n');

describe('the vendor’s accountant', () => {
  let browser: Browser;
  const windows: Window[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    for (const window of windows) await window[Symbol.asyncDispose]();
    await browser.close();
  });

  async function openPage(role: 'finance' | 'approver'): Promise<Page> {
    const window = await openWindow(browser, origins.vendor);
    windows.push(window);
    await carrySession(window.context, origins.vendor, (await signInVendor(role)).headers.cookie!);
    await window.page.goto('/finance/reconciliation');
    await window.page.getByLabel('対象月').fill(MONTH);
    return window.page;
  }
  const upload = (page: Page, name: string, content: string | Buffer) =>
    page
      .getByLabel('原価レポートのファイル')
      .setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  const variance = (page: Page, model: string) =>
    page.getByRole('table', { name: 'モデル・リージョン別の差異' }).getByRole('row').filter({ hasText: model });

  // The demo's past begins with the fiscal year: in April there is no month before
  it.skipIf(new Date().getUTCMonth() === APRIL)(
    'finds last month’s bill of the demo compared, with one explanation that waits for a second person',
    async () => {
      const finance = await signInVendor('finance');
      const now = new Date();
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
      const { body } = await finance.get(`/api/finance/v1/reconciliations/${month}`).expect(200);
      const [known, unknown, ...others] = body.variances;
      expect(others).toEqual([]);
      expect(known).toMatchObject({ differenceUsd: '2.706', entries: [{ kind: 'explained', approvedBy: null }] });
      expect(unknown).toMatchObject({ model: null, differenceUsd: '0.42' });
      expect(body.unmapped).toHaveLength(1);
    },
  );

  it('is told the line and the column of a bill that cannot be trusted', async () => {
    const page = await openPage('finance');
    await upload(page, 'yen.csv', report('1.25', 'JPY'));
    await page.getByRole('alert').getByText('2行目「line_item_currency_code」：USD ではありません。').waitFor();
    await page.getByText('この月は実際のBedrockの利用がないため、原価レポートは不要です').waitFor();
  });

  it('imports the bill, maps its usage type, and accounts for the rest; a second person approves', async () => {
    const page = await openPage('finance');
    await upload(page, 'cur.csv.gz', gzipSync(report('1.25')));
    await page.getByText('2026年1月の原価レポート（1行）を取り込み、照合しました。').waitFor();
    await variance(page, '対応付けなし').getByRole('cell', { name: 'USD 1.25' }).first().waitFor();
    await page.getByRole('img', { name: /日別の原価/ }).waitFor();

    await page.getByRole('button', { name: `${USAGE_TYPE}を対応付け` }).click();
    const mapping = page.getByRole('dialog', { name: `${USAGE_TYPE} の対応付け` });
    expect(await mapping.getByLabel('トークンの種類').inputValue()).toBe('input');
    await mapping.getByLabel('モデル').fill('trial-model');
    await mapping.getByRole('button', { name: '対応付けて再照合' }).click();
    await mapping.waitFor({ state: 'detached' });
    await variance(page, 'trial-model').waitFor();

    await page.getByRole('button', { name: 'trial-model ap-northeast-1の差異を説明・計上' }).click();
    const account = page.getByRole('dialog', { name: /^未説明の差異/ });
    await account.getByRole('button', { name: '申請する' }).click();
    await account.getByText('入力してください。').waitFor();
    await account.getByLabel('処理の種類').selectOption('posted');
    await account.getByLabel('理由').fill('提供元の試験利用。当社の原価とする。');
    await account.getByRole('button', { name: '申請する' }).click();
    await account.waitFor({ state: 'detached' });
    await variance(page, 'trial-model').getByText('承認待ち').waitFor();
    // Whoever proposed it is not even offered to approve it
    expect(await page.getByRole('button', { name: '承認', exact: true }).count()).toBe(0);

    const boss = await openPage('approver');
    await boss.getByRole('button', { name: 'trial-model ap-northeast-1の処理を承認' }).click();
    const approval = boss.getByRole('dialog', { name: '差異の処理を承認' });
    await approval.getByText('提供元の試験利用。当社の原価とする。').waitFor();
    await approval.getByRole('button', { name: '承認', exact: true }).click();
    await approval.waitFor({ state: 'detached' });
    await variance(boss, 'trial-model').getByText('承認済み').waitFor();
    await boss.getByText(/^未説明の差異：USD\s0\.00/).waitFor();
    expect(windows.flatMap(({ faults }) => faults).filter((fault) => !/status of 422/.test(fault))).toEqual([]);
  });

  it('issues a key to the accounting system, which reads with it until it is revoked', async () => {
    const page = await openPage('finance');
    await proveAgain('finance');
    await page.goto('/finance/service-keys');
    await page.getByRole('button', { name: 'サービスキーを発行' }).click();
    const dialog = page.getByRole('dialog', { name: 'サービスキーを発行' });
    const name = `会計システム${Date.now()}`;
    await dialog.getByLabel('名称').fill(name);
    await dialog.getByLabel('読み取れる範囲').selectOption('usage');
    await dialog.getByRole('button', { name: '発行', exact: true }).click();
    const issued = page.getByRole('dialog', { name: 'サービスキーは一度だけ表示されます' });
    const key = /moyai_svc_[\w-]+/.exec(await issued.innerText())![0];
    await issued.getByRole('button', { name: '閉じる' }).click();
    const system = visitor('vendor').with({ authorization: `Bearer ${key}` });
    await system.get(`/api/finance/v1/usage?month=${MONTH}`).expect(200);
    await system.get('/api/finance/v1/prices').expect(403);
    await page.getByRole('button', { name: `${name}を失効させる` }).click();
    await page.getByRole('button', { name: '失効させる', exact: true }).click();
    await page.getByRole('button', { name: `${name}を失効させる` }).waitFor({ state: 'detached' });
    await system.get(`/api/finance/v1/usage?month=${MONTH}`).expect(401);
  });
});
