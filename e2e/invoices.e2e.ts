import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit, expectPrints } from './support/fit.ts';
import { demoCity, signInAs, signInVendor } from './support/people.ts';

const { origins } = runningStack();
const WORKED_OUT_MS = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();

it('a month is closed, its invoice is approved by a second person, issued, and accepted by the city', async () => {
  const [finance, approver, admin] = await Promise.all([
    signInVendor('finance'),
    signInVendor('approver'),
    signInAs(demoCity(0), 'admin'),
  ]);
  await using first = await openWindow(browser, origins.vendor);
  await using second = await openWindow(browser, origins.vendor);
  await using hall = await openWindow(browser, origins.lgwan);
  await carrySession(first.context, origins.vendor, finance.headers.cookie!);
  await carrySession(second.context, origins.vendor, approver.headers.cookie!);
  await carrySession(hall.context, origins.lgwan, admin.headers.cookie!);

  const { page } = first;
  await page.goto('/finance/periods');
  await heading(page, '締め');
  await page.getByText('この月は締められます。').waitFor();
  await expectFit(page, 'periods');
  await press(page, 'この月を締める');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'この月を締める' }).click();
  await page.getByText(/の締めが終わりました。/).waitFor({ state: 'attached', timeout: WORKED_OUT_MS });

  await page.goto('/finance/invoices');
  await heading(page, '請求書');
  await page.getByLabel('状態').selectOption('draft');
  await page.getByRole('link', { name: new RegExp(`^未発行 ${demoCity(0).name}`) }).click();
  await page.getByRole('heading', { name: '前月との比較' }).waitFor();
  await press(page, '呼出しの明細を表示');
  await page.getByRole('table', { name: '呼出しの明細' }).getByRole('row').nth(1).waitFor();
  await expectFit(page, 'invoice');

  await page
    .getByRole('button', { name: /の訂正を起案$/ })
    .first()
    .click();
  await page.getByLabel('入力トークンの増減').fill('-1');
  await page.getByLabel('理由').fill('再送の二重計上（提供事業者の記録で確認）');
  await expectFit(page, 'correct a call');
  await press(page, '起案');
  await page.getByText(/^訂正を起案しました。/).waitFor();
  await second.page.goto('/finance/periods');
  await second.page
    .getByRole('button', { name: /の訂正を承認$/ })
    .first()
    .click();
  await second.page.getByRole('dialog').getByRole('button', { name: '承認' }).click();
  await second.page.getByText(/^承認しました。.*の請求書に載ります。$/).waitFor();
  await expectFit(second.page, 'corrections');

  await press(page, '下書きを作り直す');
  await page.getByRole('dialog').getByRole('button', { name: '下書きを作り直す' }).click();
  await page.getByText('下書きの作り直し').waitFor();
  await press(page, '確認済みにする');
  await page.getByText('確認済み', { exact: true }).first().waitFor();

  await second.page.goto(page.url());
  await press(second.page, '承認');
  await second.page.getByText('承認済み', { exact: true }).first().waitFor();

  await page.reload();
  await press(page, '発行');
  await page.getByRole('dialog').getByRole('button', { name: '発行' }).click();
  await page.getByText('発行済み', { exact: true }).first().waitFor();

  const { body: issued } = await finance.get(`/api/finance/v1/invoices/${page.url().split('/').at(-1)}`).expect(200);
  await page.goto('/finance/invoices');
  await page.getByLabel('対象月').fill(issued.month);
  await press(page, 'PDFのZIPを用意する');
  const zip = page.getByRole('link', { name: /^ZIPを取得/ });
  await zip.waitFor({ timeout: WORKED_OUT_MS });
  await expectFit(page, 'archive');
  const [download] = await Promise.all([page.waitForEvent('download'), zip.click()]);
  expect(download.suggestedFilename()).toBe(`請求書_${issued.month}.zip`);

  await hall.page.goto('/admin/invoices');
  await heading(hall.page, '請求書');
  await hall.page.getByRole('cell', { name: '検収待ち' }).first().waitFor();
  await hall.page.getByRole('table', { name: '請求書' }).getByRole('link').first().click();
  await press(hall.page, '呼出しの明細を表示');
  await hall.page.getByRole('table', { name: '呼出しの明細' }).getByRole('row').nth(1).waitFor();
  await press(hall.page, '検収する');
  await hall.page.getByRole('dialog').getByRole('button', { name: '検収する' }).click();
  await hall.page.getByText('検収済み', { exact: true }).first().waitFor();
  await expectFit(hall.page, 'city invoice');
  await expectPrints(hall.page, 'city invoice');
  for (const window of [first, second, hall]) expect(window.faults).toEqual([]);

  await hall.page.goto(`/admin/invoices/${randomUUID()}`);
  await heading(hall.page, '請求書');
  await hall.page.getByRole('alert').getByText('見つかりません。').waitFor();
  expect(await hall.page.getByRole('button', { name: '再試行' }).count()).toBe(0);
}, 240_000);
