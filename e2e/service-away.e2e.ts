import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { demoCity, signInAs } from './support/people.ts';

const { origins } = runningStack();
const UNREADABLE = 'サーバーから正しい応答がありませんでした。しばらくしてから、もう一度試してください。';
const STILL_SIGNED_IN = 'サインアウトできませんでした。まだサインインしています。';
/** Longer than the portal waits before it asks again. */
const LATER_MS = 30_000;

describe('a service that is away for a moment, in the browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function adminWindow(): Promise<Window> {
    const window = await openWindow(browser, origins.lgwan);
    const admin = await signInAs(demoCity(0), 'admin');
    await carrySession(window.context, origins.lgwan, admin.headers.cookie!);
    return window;
  }

  it('is told of, and what could not be read comes without a press', async () => {
    await using window = await adminWindow();
    const { page } = window;
    await page.clock.install();
    await page.route('**/api/v1/departments*', (route) => route.fulfill({ status: 503 }));
    await page.goto('/admin/departments');
    await page.getByText(UNREADABLE).waitFor();
    await expectFit(page, 'a list that could not be read');
    await page.unroute('**/api/v1/departments*');
    await page.clock.fastForward(LATER_MS);
    await page.getByRole('table', { name: '所属' }).waitFor();
  });

  it('keeps a dialog open for its answer, and in it what was typed', async () => {
    await using window = await adminWindow();
    const { page } = window;
    await page.goto('/admin/departments');
    const answered = Promise.withResolvers<void>();
    await page.route('**/api/v1/departments', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await answered.promise;
      return route.fulfill({ status: 503 });
    });
    await page.getByRole('button', { name: '所属を追加' }).click();
    const dialog = page.getByRole('dialog', { name: '所属を追加' });
    await dialog.getByLabel('所属コード').fill('9901');
    await dialog.getByLabel('所属名').fill('臨時の課');
    await dialog.getByRole('button', { name: '追加' }).click();
    await dialog.getByRole('button', { name: '送信しています' }).waitFor();
    await page.keyboard.press('Escape');
    answered.resolve();
    await dialog.getByText(UNREADABLE).waitFor();
    expect(await dialog.getByLabel('所属名').inputValue()).toBe('臨時の課');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('tells nobody that they are signed out who are not', async () => {
    await using window = await adminWindow();
    const { page } = window;
    await page.route('**/api/v1/sessions/current', (route) => route.abort());
    await page.goto('/admin/departments');
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.getByText(STILL_SIGNED_IN).waitFor();
    await expectFit(page, 'a sign-out that failed');
    await page.unroute('**/api/v1/sessions/current');
    await page.getByRole('button', { name: '再試行' }).click();
    await page.waitForURL(/\/sign-in/);
  });
});
