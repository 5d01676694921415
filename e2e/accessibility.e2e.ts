import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import { askAndFinish } from './support/jobs.ts';
import { demoCity, signInAs, signInVendor } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const city = demoCity(1);

/** A page, and how to tell that it has loaded. */
interface Place {
  readonly path: string;
  readonly ready: (page: Page) => Promise<unknown>;
  /** The button that opens its dialog, named alike. */
  readonly dialog?: string;
  /** The menu of a row that the button is in. */
  readonly menu?: string;
}

const heading = (name: string) => (page: Page) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();
/** A table page has loaded with its first row. */
const table = (name: string) => async (page: Page) => {
  await heading(name)(page);
  await page.getByRole('table', { name }).getByRole('row').nth(1).waitFor();
};

describe('every page is accessible and fits, whatever the size of the window:', () => {
  let browser: Browser;
  let admin: Client;

  beforeAll(async () => {
    browser = await launchBrowser();
    admin = await signInAs(city, 'admin');
  });
  afterAll(() => browser.close());

  async function visit(origin: string, session: Client | undefined, places: readonly Place[]): Promise<void> {
    await using window = await openWindow(browser, origin);
    const { page, context } = window;
    if (session) await carrySession(context, origin, session.headers.cookie!);
    for (const { path, ready, dialog, menu } of places) {
      await page.goto(path);
      await ready(page);
      await expectFit(page, path);
      if (!dialog) continue;
      if (menu) await page.getByRole('button', { name: menu, exact: true }).click();
      await page.getByRole('button', { name: dialog, exact: true }).click();
      await page.getByRole('dialog', { name: dialog }).waitFor();
      await expectFit(page, dialog);
    }
    // A page asks who is there before it shows the sign-in, and one of the addresses leads nowhere
    expect(window.faults.filter((fault) => !/status of 40[14]/.test(fault))).toEqual([]);
  }

  it('sign-in and dead ends', () =>
    visit(origins.lgwan, undefined, [
      { path: '/sign-in', ready: heading('サインイン') },
      { path: '/no-such-page', ready: heading('ページが見つかりません') },
      { path: '/prices', ready: table('料金表') },
    ]));

  it('chat', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const prompt = `次を一覧表にしてください。\n受付: 市民課が担当する。\n会場: 中央公民館\n${'https://example.lg.jp/'.repeat(8)}`;
    const { conversationId } = await askAndFinish(admin, prompt);
    await visit(origins.lgwan, admin, [
      { path: '/', ready: (page) => page.getByRole('textbox', { name: '質問' }).waitFor() },
      { path: `/conversations/${conversationId}`, ready: (page) => page.getByTestId('turn-usage').waitFor() },
    ]);
  });

  it('batches', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const upload = admin.post('/api/v1/batches').set({ 'content-type': 'text/csv', 'x-file-name': 'madoguchi.csv' });
    const { body: draft } = await upload.send('氏名,用件\n山田,住民票\n').expect(201);
    const again = admin.post('/api/v1/batches').set('content-type', 'text/csv').send('氏名,用件\n佐藤,転入\n');
    const { body: started } = await again.expect(201);
    await admin.post(`/api/v1/batches/${started.id}/start`, { template: '{用件}の案内' }).expect(202);
    await visit(origins.lgwan, admin, [
      { path: '/batches', ready: table('一括処理') },
      { path: '/batches/new', ready: heading('新しい一括処理') },
      { path: `/batches/${draft.id}`, ready: heading('madoguchi.csv'), dialog: '削除' },
      { path: `/batches/${started.id}`, ready: (page) => page.getByText('1／1行が終わりました').waitFor() },
    ]);
  });

  it('members, departments and purposes', () =>
    visit(origins.lgwan, admin, [
      { path: '/admin/members', ready: table('職員'), dialog: '職員を追加' },
      { path: '/admin/departments', ready: table('所属'), dialog: '所属を追加' },
      { path: '/admin/purposes', ready: table('事務'), dialog: '事務を追加' },
    ]));

  it('budget, usage, audit trail and API keys', () =>
    visit(origins.lgwan, admin, [
      { path: '/admin/budget', ready: table('予算') },
      { path: '/admin/usage', ready: table('利用状況') },
      { path: '/admin/audit', ready: table('監査ログ') },
      { path: '/admin/api-keys', ready: table('APIキー'), dialog: 'APIキーを発行' },
    ]));

  it('the vendor’s sign-in, operations and finance', async () => {
    await visit(origins.vendor, undefined, [{ path: '/ops/sign-in', ready: heading('運営事業者サインイン') }]);
    await visit(origins.vendor, await signInVendor('ops'), [
      { path: '/ops', ready: table('団体') },
      { path: '/ops/cities/new', ready: heading('団体の登録') },
      {
        path: '/ops/people',
        ready: table('運営事業者の担当者'),
        menu: '経理担当の操作',
        dialog: '経理担当のサインイン中のブラウザー',
      },
    ]);
    await visit(origins.vendor, await signInVendor('finance'), [
      { path: '/finance', ready: table('月次利用') },
      { path: '/finance/prices', ready: heading('料金'), dialog: '料金を申請' },
    ]);
  });

  it('the reconciliation with the provider’s bill', async () => {
    const finance = await signInVendor('finance');
    const month = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 7);
    const bill = `line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code\n${month}-01,Usage,AmazonBedrock,APN1-${Date.now()}-input-tokens,1,12.5,USD,ap-northeast-1\n`;
    const upload = finance.post(`/api/finance/v1/cost-reports?month=${month}`).set('content-type', 'text/csv');
    await upload.send(bill).expect(201);
    const ready = async (page: Page) => {
      await page.getByRole('table', { name: 'モデル・リージョン別の差異' }).getByRole('row').nth(1).waitFor();
      await page.getByRole('img', { name: /日別の原価/ }).waitFor();
    };
    await visit(origins.vendor, finance, [
      { path: '/finance/reconciliation', ready },
      { path: '/finance/service-keys', ready: heading('サービスキー'), dialog: 'サービスキーを発行' },
    ]);
  });

  it('the shared pool, the shares and the urgent lane', async () => {
    await visit(origins.vendor, await signInVendor('ops'), [
      { path: '/ops/shares', ready: table('団体への配分') },
      { path: '/ops/urgent', ready: heading('緊急レーン'), dialog: '緊急レーンを開放' },
      {
        path: '/ops/pool',
        ready: (page) =>
          page
            .getByRole('img', { name: /^使用率（同時実行・リクエスト・トークンのうち最も高いもの）のグラフ/ })
            .locator('svg')
            .first()
            .waitFor(),
      },
    ]);
  });
});
