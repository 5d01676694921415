import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { expectFit } from './support/fit.ts';
import { credentialsOf, demoCity, memberOf, myNumber } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const city = demoCity(2);
const staff = credentialsOf(city, memberOf(city, 'staff'));
const PROMPT = '防災訓練の要綱の案を作成してください。日時は12月5日午前10時、場所は中央公民館です。';

/** Has questions go out for an answer of so many tokens: what the page asks for is more than the simulator writes. */
const answersEndAt = (page: Page, maxTokens: number): Promise<unknown> =>
  page.route('**/api/v1/jobs', (route) =>
    route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), maxTokens }) }),
  );

describe('an answer that is not whole', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('says that it was cut off, also when the conversation is opened again', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    await answersEndAt(page, 30);
    const chat = new Chat(page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    const notice = chat.lastTurn.getByText('長さの上限に達したため');
    await notice.waitFor();
    const words = await notice.innerText();

    await page.reload();
    await chat.reaches('completed');
    await notice.waitFor();
    expect(await notice.innerText()).toBe(words);
  });

  it('is gone on with at a press, by keyboard, once, in an ordinary turn of the same conversation', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    await answersEndAt(page, 30);
    const chat = new Chat(page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    await page.unroute('**/api/v1/jobs');

    const asked: object[] = [];
    const { promise: arrive, resolve: letIn } = Promise.withResolvers<void>();
    await page.route('**/api/v1/jobs', async (route) => {
      asked.push(route.request().postDataJSON());
      await arrive;
      await route.continue();
    });
    const goOn = page.getByRole('button', { name: '続きを書く' });
    await goOn.focus();
    await page.keyboard.press('Enter');
    await page.locator('button[aria-disabled=true]', { hasText: '続きを書く' }).waitFor();
    await page.keyboard.press('Enter');
    letIn();
    await chat.turns.nth(1).waitFor();
    await chat.reaches('completed');
    await chat.lastTurn.getByTestId('turn-usage').waitFor();
    expect(asked).toEqual([
      {
        kind: 'chat',
        messages: [{ role: 'user', content: expect.stringContaining('続き') }],
        model: expect.any(String),
        conversationId: page.url().split('/').at(-1),
      },
    ]);
    expect(await goOn.count()).toBe(0);
    expect(await chat.turns.count()).toBe(2);
    // What had the focus is gone; whoever types now writes the next question
    expect(await chat.prompt.evaluate((area) => area === document.activeElement)).toBe(true);
  });

  it('is asked for at greater length where the member chooses so, as much as the model can give', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const lengths: unknown[] = [];
    await page.route('**/api/v1/jobs', (route) => {
      lengths.push(route.request().postDataJSON().maxTokens);
      return route.continue();
    });
    const chat = new Chat(page);
    await chat.signIn(staff);
    const length = page.getByLabel('回答の長さ');
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    await length.selectOption('長文');
    await page.reload();
    await chat.ask(PROMPT);
    await chat.turns.nth(1).waitFor();
    await chat.reaches('completed');
    expect(lengths).toEqual([undefined, 8_192]);
  });

  it('says that a filter withheld a part, also when the conversation is opened again', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves({ ...AT_ONCE, filterAtToken: 30 });
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    const notice = chat.lastTurn.getByText('モデルの安全機能により');
    await notice.waitFor();
    const words = await notice.innerText();

    await window.page.reload();
    await chat.reaches('completed');
    await notice.waitFor();
    expect(await notice.innerText()).toBe(words);
  });

  it('is said to be withheld whole where the filter left no word of it', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves({ ...AT_ONCE, filterAtToken: 0 });
    const chat = new Chat(window.page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    await chat.lastTurn.getByText('回答が表示されませんでした').waitFor();
    await chat.lastTurn.getByRole('status').filter({ hasText: '回答が安全機能で止められました' }).waitFor();
    await expectFit(window.page, 'an answer withheld');
  });

  it('leaves the keyboard where the next question is written, after the first question and when it is stopped', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 25 });
    const { page } = window;
    const hasFocus = (area: Element) => area === document.activeElement;
    const chat = new Chat(page);
    await chat.signIn(staff);
    await chat.prompt.fill(PROMPT);
    await page.keyboard.press('Enter');
    await chat.answer.waitFor();
    expect(await chat.prompt.evaluate(hasFocus)).toBe(true);
    await page.getByRole('button', { name: '停止' }).focus();
    await page.keyboard.press('Enter');
    await chat.reaches('cancelled');
    expect(await chat.prompt.evaluate(hasFocus)).toBe(true);
  });

  it('is said to wait for the server while that cannot be reached, and then goes on by itself', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    await page.route('**/api/v1/jobs/**', (route) => route.abort());
    const chat = new Chat(page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.lastTurn.getByText('サーバーにつながりません。つながり次第、続きを表示します。').waitFor();
    await expectFit(page, 'a server out of reach');
    await page.unroute('**/api/v1/jobs/**');
    await chat.reaches('completed');
    await chat.answer.waitFor();
    expect(await page.getByText('サーバーにつながりません').count()).toBe(0);
  });

  it('hides none of the words of a long refusal, however small the window', async () => {
    await using window = await openWindow(browser, origins.lgwan, { width: 400, height: 640 });
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const chat = new Chat(page);
    await chat.signIn(staff);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    await chat.ask(Array.from({ length: 20 }, () => `個人番号は${myNumber()}です。`).join('\n'));
    const alert = page.getByRole('alert').filter({ hasText: '個人番号' });
    await alert.waitFor();
    await page.waitForFunction('innerHeight + scrollY >= document.documentElement.scrollHeight - 1');
    const header = await page.getByRole('banner').boundingBox();
    const words = alert.locator('p, li');
    for (const place of [words.first(), words.last()]) {
      await place.scrollIntoViewIfNeeded();
      const { y, height } = (await place.boundingBox())!;
      expect(y).toBeGreaterThanOrEqual(header!.y + header!.height);
      expect(y + height).toBeLessThanOrEqual(640);
    }
    await expectFit(page, 'a long refusal');
  });
});
