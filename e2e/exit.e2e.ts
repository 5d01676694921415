import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, onboardCity, signInVendor } from './support/people.ts';

const { origins } = runningStack();

describe('a city that leaves', () => {
  let browser: Browser;
  let city: NewCity;
  let vendor: Window;
  let hall: Window;
  let ops: Page;
  let admin: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    const operator = await signInVendor('ops');
    city = await onboardCity('退会市');
    [vendor, hall] = [await openWindow(browser, origins.vendor), await openWindow(browser, origins.lgwan)];
    await carrySession(vendor.context, origins.vendor, operator.headers.cookie!);
    await carrySession(hall.context, origins.lgwan, city.admin.headers.cookie!);
    [ops, admin] = [vendor.page, hall.page];
  });
  afterAll(async () => {
    await Promise.all([vendor[Symbol.asyncDispose](), hall[Symbol.asyncDispose]()]);
    await browser.close();
  });

  it('takes all of its data along, though nobody spoke of leaving', async () => {
    await admin.goto('/admin/exit');
    await admin.getByText('書き出したことはありません。').waitFor();
    await admin.getByRole('button', { name: '書き出しを依頼' }).click();
    const link = admin.getByRole('link', { name: /の書き出しをダウンロード$/ });
    await link.waitFor();
    await expectFit(admin, 'データの書き出し');
    const download = admin.waitForEvent('download');
    await link.click();
    expect((await download).suggestedFilename()).toMatch(/^moyai_.+_lgwan\.zip$/);
  });

  it('is asked by the vendor, and nothing can be frozen before it agrees', async () => {
    await ops.goto(`/ops/cities/${city.id}`);
    await ops.getByRole('tab', { name: '退会' }).click();
    await ops.getByRole('button', { name: '退会を登録' }).click();
    const dialog = ops.getByRole('dialog', { name: '退会市の退会を登録' });
    await dialog.getByLabel('理由').fill('契約の終了');
    await dialog.getByRole('button', { name: '退会を登録' }).click();
    await ops.getByText('団体の管理者の同意を待っています。').waitFor();
    expect(await ops.getByRole('button', { name: '凍結' }).count()).toBe(0);
    await expectFit(ops, '退会');
  });

  it('agrees with its name alone', async () => {
    await admin.getByRole('button', { name: '退会に同意' }).click();
    const dialog = admin.getByRole('dialog', { name: '退会市の退会に同意' });
    await dialog.getByRole('textbox').fill('別の市');
    await dialog.getByRole('button', { name: '退会に同意' }).click();
    await dialog.getByText('団体名が一致しません。').waitFor();
    await expectFit(admin, '退会に同意');
  });
});
