import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit, expectPrints } from './support/fit.ts';
import { demoCity, signInAs, signInVendor } from './support/people.ts';

const { origins } = runningStack();
const city = demoCity(0);
/** In Japan; it is not over yet. */
const today = (): string => new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);

describe('what is to come', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('is foreseen for the month and the fiscal year, and taken away as a table', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, (await signInAs(city, 'admin')).headers.cookie!);
    await page.goto('/admin/forecast');
    await page.getByRole('table', { name: '利用見込み' }).getByText('実績').first().waitFor();
    await page.getByText(/の実績から計算しています/).waitFor();
    for (const chart of [/の累計トークン/, /今年度の月別トークン/])
      await page.getByRole('img', { name: chart }).locator('svg').first().waitFor();
    await expectFit(page, 'forecast');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSVをダウンロード' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('moyai-forecast.csv');
    expect(window.faults).toEqual([]);
  });

  it('is estimated for next year from a trial, follows the plans, and is taken away as a table', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, (await signInAs(city, 'admin')).headers.cookie!);
    await page.goto('/admin/estimate');
    const tokens = page.getByText('トークン（P50）', { exact: true }).locator('xpath=following-sibling::dd').first();
    await page.getByRole('rowheader', { name: '税務課' }).first().waitFor();
    const before = await tokens.innerText();
    await page.getByLabel('利用者数（%）').fill('200');
    await expect.poll(() => tokens.innerText(), { timeout: 20_000 }).not.toBe(before);
    await page.getByText('モデルの割合を変える').click();
    await expectFit(page, 'estimate');
    await expectPrints(page, 'estimate');
    for (const [name, file] of [
      ['CSVをダウンロード', 'moyai-estimate.csv'],
      ['Excelをダウンロード', 'moyai-estimate.xlsx'],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      expect(download.suggestedFilename()).toBe(file);
      expect(await download.failure()).toBeNull();
    }
    await page.getByLabel('試行期間の終了日').fill(today());
    await page.getByText('昨日までの日を指定してください。').waitFor();
    expect(window.faults.filter((fault) => !/status of 422/.test(fault))).toEqual([]);
  });

  it('is seen by the vendor’s finance for a city', async () => {
    await using window = await openWindow(browser, origins.vendor);
    const { page } = window;
    await carrySession(window.context, origins.vendor, (await signInVendor('finance')).headers.cookie!);
    await page.goto('/finance');
    await page.getByRole('link', { name: `${city.name}の次年度見積り` }).click();
    await page.getByRole('rowheader', { name: '税務課' }).first().waitFor();
    await page.getByRole('heading', { name: new RegExp(`^${city.name} \\d{4}年度の見積り$`) }).waitFor();
    await expectFit(page, 'the estimate of a city');
    expect(window.faults).toEqual([]);
  });
});
