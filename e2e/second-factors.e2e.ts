import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { launchBrowser, openWindow } from './support/browser.ts';
import { type NewCity, codeOf, onboardCity } from './support/people.ts';

const { origins } = runningStack();
const PASSWORD = 'correct mule stapler 電池';

const isReadable = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
};

describe('a new member, in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  let link: string;
  beforeAll(async () => {
    [browser, city] = await Promise.all([launchBrowser(), onboardCity('招待市')]);
    const wish = { loginId: 'hanako', displayName: '山田 花子', role: 'staff', segment: 'lgwan' };
    const { body } = await city.admin.post('/api/v1/members', { ...wish, credential: 'invitation' }).expect(201);
    link = `/invitation#${body.invitation.token}`;
  });
  afterAll(() => browser.close());

  async function givePassword(page: Page, loginId = 'hanako', password = PASSWORD): Promise<void> {
    await page.goto('/sign-in');
    await page.getByLabel('団体コード').fill(city.code);
    await page.getByLabel('ログインID').fill(loginId);
    await page.getByLabel('パスワード').fill(password);
    await page.getByRole('button', { name: 'サインイン' }).click();
  }

  async function giveCode(page: Page, label: string, code: string): Promise<void> {
    await page.getByLabel(label, { exact: true }).fill(code);
    await page.keyboard.press('Enter');
  }

  it('takes up the invitation once, enrols an authenticator, and signs in by it and by a recovery code', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    const prompt = page.getByRole('textbox', { name: '質問' });
    const signOut = async () => {
      await page.getByRole('button', { name: 'サインアウト' }).click();
      await page.waitForURL(/\/sign-in/);
    };

    await page.goto(link);
    await page.getByText('招待市のもやいに招待されています。').waitFor();
    await isReadable(page);
    await page.getByLabel('新しいパスワード', { exact: true }).fill(PASSWORD);
    await page.getByLabel('新しいパスワード（確認）').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('パスワードを設定しました。').waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByText('この招待は使用済みです。').waitFor();
    expect(window.requests.filter((url) => url.includes('inv.') && !url.includes('#'))).toEqual([]);

    await givePassword(page);
    await prompt.waitFor();
    await page.getByRole('link', { name: 'アカウント' }).click();
    await page.getByText('二要素認証は登録されていません。').waitFor();
    await page.getByRole('button', { name: '認証アプリを追加' }).click();
    const secret = await page.getByTestId('totp-secret').innerText();
    await isReadable(page);
    await giveCode(page, '確認コード', codeOf(secret));
    await page.getByTestId('recovery-codes').waitFor();
    const codes = await page.getByTestId('recovery-codes').getByRole('listitem').allInnerTexts();
    expect(codes).toHaveLength(10);
    await page.getByRole('button', { name: '控えました' }).click();
    await page.getByRole('row').filter({ hasText: '認証アプリ' }).waitFor();
    await isReadable(page);
    await signOut();

    await givePassword(page);
    await page.getByRole('heading', { name: '二要素認証' }).waitFor();
    await isReadable(page);
    await giveCode(page, '確認コード', '000000');
    await page.getByText('入力した内容が正しくありません。').waitFor();
    await giveCode(page, '確認コード', codeOf(secret, 1));
    await prompt.waitFor();
    await signOut();

    await givePassword(page);
    await page.getByRole('button', { name: 'リカバリーコードを使う' }).click();
    await giveCode(page, 'リカバリーコード', codes[0]!);
    await prompt.waitFor();
  });

  it('adds a passkey where the page has a host name, is told why not elsewhere, and signs in by it', async () => {
    const { loginId, password } = city.firstAdmin;
    await using elsewhere = await openWindow(browser, origins.lgwan);
    await givePassword(elsewhere.page, loginId, password);
    await elsewhere.page.getByRole('link', { name: 'アカウント' }).click();
    await elsewhere.page.getByText('IPアドレスで開いたページでは、パスキーを使えません。').waitFor();
    expect(await elsewhere.page.getByRole('button', { name: 'パスキーを追加' }).count()).toBe(0);

    await using window = await openWindow(browser, origins.lgwan.replace('127.0.0.1', 'localhost'));
    const { page } = window;
    const authenticator = await window.context.newCDPSession(page);
    await authenticator.send('WebAuthn.enable');
    await authenticator.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasUserVerification: true, isUserVerified: true },
    });
    await givePassword(page, loginId, password);
    await page.getByRole('link', { name: 'アカウント' }).click();
    await page.getByRole('button', { name: 'パスキーを追加' }).click();
    await page.getByLabel('パスキーの名前').fill('庁内PC');
    await isReadable(page);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '控えました' }).click();
    await page.getByRole('row').filter({ hasText: 'パスキー（庁内PC）' }).waitFor();
    await isReadable(page);
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.waitForURL(/\/sign-in/);

    await givePassword(page, loginId, password);
    await page.getByRole('button', { name: 'パスキーを使う' }).waitFor();
    await isReadable(page);
    await page.getByRole('button', { name: 'パスキーを使う' }).click();
    await page.getByRole('link', { name: 'アカウント' }).waitFor();
  });
});
