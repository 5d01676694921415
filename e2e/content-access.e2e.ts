import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { askAndFinish } from './support/jobs.ts';
import { type NewCity, onboardCity, signInVendor } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const QUESTION = '避難所の開設手順を教えてください。';

/** In which an ended access must be felt, and a moment to paint it. */
const FELT_WITHIN_MS = 6_000;

describe('in an incident the vendor', () => {
  let browser: Browser;
  let city: NewCity;
  let vendor: Window;
  let hall: Window;
  let ops: Page;
  let admin: Page;
  beforeAll(async () => {
    await using _ = await modelBehaves(AT_ONCE);
    browser = await launchBrowser();
    const operator = await signInVendor('ops');
    city = await onboardCity('閲覧市');
    await askAndFinish(city.admin, QUESTION, { maxTokens: 20 });
    [vendor, hall] = [await openWindow(browser, origins.vendor), await openWindow(browser, origins.lgwan)];
    await carrySession(vendor.context, origins.vendor, operator.headers.cookie!);
    await carrySession(hall.context, origins.lgwan, city.admin.headers.cookie!);
    [ops, admin] = [vendor.page, hall.page];
  });
  afterAll(async () => {
    await Promise.all([vendor[Symbol.asyncDispose](), hall[Symbol.asyncDispose]()]);
    await browser.close();
  });

  it('asks the city on its page, and can read nothing yet', async () => {
    await ops.goto(`/ops/cities/${city.id}`);
    await ops.getByRole('tab', { name: '内容閲覧' }).click();
    await ops.getByRole('button', { name: '内容閲覧を申請' }).click();
    const dialog = ops.getByRole('dialog', { name: `閲覧市（${city.code}）に内容閲覧を申請` });
    await dialog.getByLabel('障害番号').fill('INC-204');
    await dialog.getByLabel('理由').fill('回答が途中で切れるとの連絡の調査');
    await expectFit(ops, '内容閲覧を申請');
    await dialog.getByRole('button', { name: '申請する' }).click();
    await ops.getByRole('link', { name: 'INC-204' }).click();
    await ops.getByRole('heading', { name: `閲覧市（${city.code}）の内容閲覧（INC-204）` }).waitFor();
    await ops.getByText('承認待ち').waitFor();
    expect(await ops.getByRole('table').count()).toBe(0);
  });

  it('reads what the administrator approved, and is watched', async () => {
    await admin.goto('/admin/vendor-access');
    await admin.getByRole('button', { name: 'INC-204：承認' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: '承認' }).click();
    await admin.getByText('閲覧可能').waitFor();

    await ops.getByRole('button', { name: /の内容を読む$/ }).click();
    await ops.getByText(QUESTION).waitFor();
    await ops.getByText('回答が長さの上限に達したため、途中で終わっています。').waitFor();
    await expectFit(ops, '内容閲覧');
    await admin
      .getByRole('table', { name: '閲覧の記録（INC-204）' })
      .getByRole('cell', { name: '処理の内容', exact: true })
      .waitFor();
    await expectFit(admin, '運営事業者の閲覧');
  });

  it('is cut off when the city ends it', async () => {
    await admin.getByRole('button', { name: 'INC-204：閲覧を終了' }).click();
    await admin.getByRole('dialog').getByRole('button', { name: '閲覧を終了' }).click();
    await ops.getByText(QUESTION).waitFor({ state: 'detached', timeout: FELT_WITHIN_MS });
    await ops.getByText('内容閲覧は終了しました。表示していた内容は消去しました。').waitFor();
    await ops.reload();
    await ops.getByText(/団体が終了/).waitFor();
    expect(await ops.getByText(QUESTION).count()).toBe(0);
  });

  it('has met no fault on the way', () => {
    expect([...vendor.faults, ...hall.faults]).toEqual([]);
  });
});
