import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { credentialsOf, demoCity, memberOf, myNumber } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const city = demoCity(2);
const staff = credentialsOf(city, memberOf(city, 'staff'));
const TITLE = '防災訓練の案内文を作成してください。';
const PROMPT = `${TITLE}日時は12月5日午前10時、場所は中央公民館です。`;
/** Slow enough to be seen waiting and writing. */
const VISIBLE = { firstTokenDelayMs: 600, tokenDelayMs: 4 };

const tokensIn = (text: string): number[] =>
  (text.match(/[\d,]+/g) ?? []).map((digits) => Number(digits.replace(',', '')));

/** Presses Tab until what has the focus is what is looked for; more than a page's worth of stops is a trap. */
async function tabTo(page: Page, role: string, name: string): Promise<void> {
  const target = page.getByRole(role as 'button', { name, exact: true });
  for (let stops = 0; stops < 60; stops++) {
    if (await target.evaluateAll((elements) => elements.includes(document.activeElement as HTMLElement))) return;
    await page.keyboard.press('Tab');
  }
  expect.unreachable(`${role} ${name} cannot be reached by keyboard`);
}

describe('a city employee', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('asks, watches the answer come, sees what it cost, and finds it again', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(VISIBLE);
    const { page } = window;
    const chat = new Chat(page);
    await chat.signIn(staff);
    await page.getByText(city.name).waitFor();
    await page.getByText('LGWAN接続系').waitFor();

    await chat.ask(PROMPT);
    await page.getByTestId('waiting').waitFor();
    await chat.answer.waitFor();
    const early = (await chat.answer.innerText()).length;
    await chat.lastTurn.getByText('模擬モデル', { exact: true }).waitFor();
    await chat.reaches('completed');
    const answer = await chat.answer.innerText();
    expect(answer.length).toBeGreaterThan(early);
    expect(answer).toContain('中央公民館');
    const [total, input, output] = tokensIn(await chat.lastTurn.getByTestId('turn-usage').innerText());
    expect(total).toBe(input! + output!);
    expect(output).toBeGreaterThan(0);

    const address = page.url();
    expect(address).toMatch(/\/conversations\/[0-9a-f-]{36}$/);
    await page.reload();
    await chat.reaches('completed');
    expect(await chat.answer.innerText()).toBe(answer);
    expect(window.faults).toEqual([]);
    expect(window.requests.filter((url) => !url.startsWith(`${origins.lgwan}/`))).toEqual([]);
  });

  it('renames, searches and deletes conversations, and leaves nothing on signing out', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const chat = new Chat(page);
    await chat.signIn(staff);
    const title = `議事録の要約 ${Date.now()}`;
    await chat.ask(title);
    await chat.reaches('completed');
    const address = page.url();

    await chat.conversation(title).hover();
    await page.getByRole('button', { name: `${title}の名前を変更` }).click();
    const renamed = `改めた会話 ${Date.now()}`;
    await chat.dialog('会話名の変更').getByRole('textbox').fill(renamed);
    await chat.dialog('会話名の変更').getByRole('button', { name: '保存' }).click();
    await chat.conversation(renamed).waitFor();

    const search = page.getByRole('searchbox', { name: '会話を検索' });
    await search.fill('どこにもない会話');
    await page.getByText('該当する会話はありません。').waitFor();
    await search.fill(renamed.slice(0, 5));
    await chat.conversation(renamed).waitFor();

    await chat.conversation(renamed).hover();
    await page.getByRole('button', { name: `${renamed}を削除` }).click();
    await page.getByRole('button', { name: '削除する' }).click();
    await chat.conversation(renamed).waitFor({ state: 'detached' });
    await page.goto(address);
    await page.getByRole('heading', { name: '会話が見つかりません' }).waitFor();

    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.waitForURL(/\/sign-in/);
    await page.goto('/');
    await page.waitForURL(/\/sign-in/);
    expect(await page.evaluate(() => [sessionStorage.length, document.cookie])).toEqual([0, '']);
  });

  it('gets the answer also where the network lets no stream through', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    await window.page.route('**/api/v1/jobs/*/events', (route) => route.abort());
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    expect(await chat.answer.innerText()).toContain('中央公民館');
    await chat.lastTurn.getByTestId('turn-usage').waitFor();
  });

  it('reads the portal in English when they wish', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await page.goto('/sign-in');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('button', { name: '日本語' }).click();
    await page.getByRole('button', { name: 'サインイン' }).waitFor();
  });

  it('loses nothing typed or pressed before the page has its scripts, least of all a password to the address', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    const { promise: arrive, resolve: letScriptsIn } = Promise.withResolvers<void>();
    await page.route('**/_next/static/**/*.js', async (route) => {
      await arrive;
      await route.continue();
    });
    await page.goto('/sign-in', { waitUntil: 'commit' });
    await page.getByLabel('団体コード').fill(staff.cityCode);
    await page.getByLabel('ログインID').fill(staff.loginId);
    await page.getByLabel('パスワード').fill(staff.password);
    await page.keyboard.press('Enter');
    expect(await page.getByRole('button', { name: 'サインイン' }).isDisabled()).toBe(true);
    letScriptsIn();
    await page.getByRole('button', { name: 'サインイン' }).click();
    await new Chat(page).prompt.waitFor();
    expect(window.requests.filter((address) => address.includes('password'))).toEqual([]);
  });

  it('may press Enter before the choice of models is there', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { promise: arrive, resolve: letModelsIn } = Promise.withResolvers<void>();
    await window.page.route('**/api/v1/models', async (route) => {
      await arrive;
      await route.continue();
    });
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    await chat.prompt.fill(PROMPT);
    await window.page.keyboard.press('Enter');
    await window.page.getByRole('button', { name: '送信中' }).waitFor();
    letModelsIn();
    await chat.reaches('completed');
  });

  it('stops an answer and keeps what was written', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 25 });
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.answer.waitFor();
    await window.page.getByRole('button', { name: '停止' }).click();
    await chat.reaches('cancelled');
    expect(await chat.answer.innerText()).not.toBe('');
    await window.page.getByRole('button', { name: 'もう一度質問する' }).waitFor();
  });

  it('does all of it with the keyboard alone', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const chat = new Chat(page);
    await page.goto('/sign-in');
    await tabTo(page, 'textbox', '団体コード');
    await page.keyboard.type(staff.cityCode);
    await tabTo(page, 'textbox', 'ログインID');
    await page.keyboard.type(staff.loginId);
    await page.keyboard.press('Tab');
    await page.keyboard.type(staff.password);
    await page.keyboard.press('Enter');
    await chat.prompt.waitFor();

    const title = `鍵盤だけの質問 ${Date.now()}`;
    await tabTo(page, 'textbox', '質問');
    await page.keyboard.type(title);
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('二行目です。');
    await page.keyboard.press('Enter');
    await chat.reaches('completed');
    await page.getByText('二行目です。').first().waitFor();

    const entry = chat.history.getByRole('link').filter({ hasText: title });
    await entry.waitFor();
    const entryTitle = await entry.innerText();
    await tabTo(page, 'button', `${entryTitle}を削除`);
    await page.keyboard.press('Enter');
    const dialog = chat.dialog('会話の削除');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await tabTo(page, 'button', `${entryTitle}を削除`);
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', '削除する');
    await page.keyboard.press('Enter');
    await entry.waitFor({ state: 'detached' });

    await tabTo(page, 'button', 'サインアウト');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/sign-in/);
  });

  it('is told in words why a My Number does not go through, and keeps the question to mend it', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    const prompt = `個人番号は${myNumber()}です。`;
    await chat.ask(prompt);
    const alert = window.page.getByRole('alert').filter({ hasText: '個人番号' });
    await alert.waitFor();
    expect(await alert.innerText()).toContain('●●●●●●●●●●●●');
    expect(await chat.prompt.inputValue()).toBe(prompt);
    expect(await chat.turns.count()).toBe(0);
  });

  it('in the My Number segment names the purpose first', async () => {
    await using window = await openWindow(browser, origins.my_number);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const chat = new Chat(page);
    await chat.signIn(credentialsOf(city, memberOf(city, 'staff', 'my_number')));
    await page.getByText('個人番号利用事務系', { exact: true }).waitFor();
    await chat.ask(`個人番号 ${myNumber()} の課税台帳を要約してください。`);
    await page.getByRole('alert').filter({ hasText: 'どの事務のための質問か' }).waitFor();
    await page.getByRole('combobox', { name: '事務' }).selectOption(city.purposeCode);
    await page.getByRole('button', { name: '送信' }).click();
    await chat.reaches('completed');
  });

  it('is not told whether the login or the password was wrong', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await page.goto('/sign-in');
    for (const loginId of ['nobody-here', staff.loginId]) {
      await page.getByLabel('団体コード').fill(staff.cityCode);
      await page.getByLabel('ログインID').fill(loginId);
      await page.getByLabel('パスワード').fill('not the right password');
      await page.getByRole('button', { name: 'サインイン' }).click();
      await page.getByRole('alert').filter({ hasText: 'サインインできませんでした' }).waitFor();
      await page.reload();
    }
  });
});
