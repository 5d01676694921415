import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { DESKTOP, type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, onboardCity, signInVendor } from './support/people.ts';

const { origins } = runningStack();
const TITLE = '夜間の保守作業';

/** As a clock in Japan shows it so many hours from now, to the minute. */
const inHours = (hours: number): string => new Date(Date.now() + (hours + 9) * 3_600_000).toISOString().slice(0, 16);

describe('maintenance', () => {
  let browser: Browser;
  let city: NewCity;
  let vendor: Window;
  let hall: Window;
  beforeAll(async () => {
    browser = await launchBrowser();
    const operator = await signInVendor('ops');
    city = await onboardCity('保守市');
    [vendor, hall] = [await openWindow(browser, origins.vendor), await openWindow(browser, origins.lgwan)];
    await carrySession(vendor.context, origins.vendor, operator.headers.cookie!);
    await carrySession(hall.context, origins.lgwan, city.admin.headers.cookie!);
  });
  afterAll(async () => {
    await Promise.all([vendor[Symbol.asyncDispose](), hall[Symbol.asyncDispose]()]);
    await browser.close();
  });

  /** But for the one request that never arrives. */
  const faults = () => [...vendor.faults, ...hall.faults].filter((fault) => !fault.includes('net::ERR_FAILED'));

  it('is announced by the vendor to a city, and shown in both portals', async () => {
    const { page } = vendor;
    await page.goto('/ops/notices');
    await page.getByRole('button', { name: '保守のお知らせを出す' }).click();
    const dialog = page.getByRole('dialog', { name: '保守のお知らせを出す' });
    await dialog.getByRole('button', { name: '掲載する' }).click();
    await dialog.getByText('入力してください').first().waitFor();
    await dialog.getByLabel('件名').fill(TITLE);
    await dialog.getByLabel('本文').fill('作業中は回答が遅くなることがあります。');
    await dialog.getByLabel('開始日時').fill(inHours(24));
    await dialog.getByLabel('終了日時').fill(inHours(26));
    await dialog.getByLabel('表示する範囲').selectOption('選んだ団体だけ');
    await dialog.getByLabel('団体を絞り込む').fill(city.code);
    await dialog.getByRole('checkbox', { name: city.name }).check();
    await expectFit(page, '保守のお知らせを出す');
    await dialog.getByRole('button', { name: '掲載する' }).click();
    await page.getByRole('table', { name: '保守のお知らせ' }).getByRole('row', { name: TITLE }).waitFor();
    await page.getByRole('status').filter({ hasText: TITLE }).waitFor();
    await expectFit(page, '/ops/notices');
  });

  it('stays where it cannot be marked as read, and says so; read, a member finds it in the list of all notices', async () => {
    const { page } = hall;
    await page.goto('/notices');
    const banner = page.getByRole('status').filter({ hasText: TITLE });
    await banner.waitFor();
    await page.setViewportSize({ width: 400, height: 800 });
    const other = page.getByText(/^利用を始める準備が/);
    await page.getByRole('button', { name: '他 1 件', expanded: false }).press('Enter');
    await other.waitFor();
    await page.getByRole('button', { name: '他のお知らせを閉じる', expanded: true }).press('Enter');
    await other.waitFor({ state: 'hidden' });
    await page.setViewportSize(DESKTOP);
    await page.getByRole('link', { name: /^お知らせ\s*（未読1件）/ }).waitFor();
    await page.getByRole('listitem').filter({ hasText: TITLE }).waitFor();
    await expectFit(page, '/notices');
    const read = banner.getByRole('button', { name: `「${TITLE}」を確認済みにする` });
    await page.route('**/api/v1/notices/*/read', (route) => route.abort());
    await read.click();
    await banner.getByText(/^確認済みにできませんでした。/).waitFor();
    await page.unroute('**/api/v1/notices/*/read');
    await read.click();
    await banner.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /^お知らせ\s*（未読0件）/ }).waitFor();
    await page.getByRole('listitem').filter({ hasText: TITLE }).waitFor();
  });

  it('leaves every screen when it is withdrawn', async () => {
    await vendor.page.getByRole('button', { name: `「${TITLE}」を取下げ` }).click();
    await vendor.page.getByRole('dialog').getByRole('button', { name: '取下げ' }).click();
    await vendor.page.getByText('取下げ済み').waitFor();
    await hall.page.reload();
    await hall.page.getByText('いまお知らせはありません。').waitFor();
    expect(faults()).toEqual([]);
  });

  it('is mailed to nobody where no relay is configured: the vendor is told, and members have nothing to choose', async () => {
    await vendor.page.goto('/ops/mails');
    await vendor.page.getByText('メールでの通知は設定されていません。').waitFor();
    await vendor.page.getByText('送ったメールはありません。').waitFor();
    await expectFit(vendor.page, '/ops/mails');
    await vendor.page.getByLabel('状態').selectOption('送信できず');
    await vendor.page.getByText('この状態のメールはありません。').waitFor();
    const known = hall.page.waitForResponse(/\/api\/v1\/me\/mail$/);
    await hall.page.goto('/account');
    await (await known).finished();
    await hall.page.getByRole('heading', { name: 'サインイン中のブラウザー' }).waitFor();
    expect(await hall.page.getByRole('heading', { name: '通知メール' }).count()).toBe(0);
    expect(faults()).toEqual([]);
  });
});
