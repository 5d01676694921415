import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { credentialsOf, demoCity, memberOf } from './support/people.ts';
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
    expect(await length.locator('option').allInnerTexts()).toEqual([
      '標準（1,024トークンまで）',
      '長文（8,192トークンまで）',
    ]);
    await chat.ask(PROMPT);
    await chat.reaches('completed');
    await length.selectOption('長文（8,192トークンまで）');
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
});
