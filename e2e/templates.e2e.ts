import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, myNumber, onboardCity, signIn } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();

describe('templates in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  let departmentId: string;
  beforeAll(async () => {
    [browser, city] = await Promise.all([launchBrowser(), onboardCity('定型市')]);
    const { body } = await city.admin.post('/api/v1/departments', { code: '01', name: '広報課' }).expect(201);
    departmentId = body.id;
  });
  afterAll(() => browser.close());

  async function colleague(loginId: string, role: 'staff' | 'manager'): Promise<Client> {
    const wish = { loginId, displayName: `広報 ${loginId}`, role, segment: 'lgwan', departmentId };
    const { body } = await city.admin.post('/api/v1/members', wish).expect(201);
    return signIn({ cityCode: city.code, loginId, password: body.initialPassword });
  }
  async function windowOf(client: Client) {
    const window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, client.headers['cookie']!);
    return window;
  }
  const actOn = async (page: Page, title: string, act: string) => {
    await page.getByRole('button', { name: `${title}の操作` }).click();
    await page.getByRole('button', { name: act }).click();
  };

  it('are made, refused with a My Number, changed, published by a manager and deleted', async () => {
    await using window = await windowOf(await colleague('kacho', 'manager'));
    const { page } = window;
    await page.goto('/');
    await page.getByRole('navigation', { name: '作業' }).getByRole('link', { name: 'テンプレート' }).click();
    await page.getByText('自分用のテンプレートはまだありません。').waitFor();
    await expectFit(page, 'no templates');
    await page.getByRole('button', { name: 'テンプレートを作る' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('名前', { exact: true }).fill('案内文');
    await form.getByLabel('本文').fill(`{件名}の案内（個人番号${myNumber()}）`);
    await form.getByLabel('使い方のメモ').fill('広報紙に載せるとき');
    await form.getByRole('button', { name: '保存' }).click();
    await form
      .getByText(/1行目に個人番号/)
      .first()
      .waitFor();
    await form.getByLabel('本文').fill('{件名}の案内を\n{字数}字で書いてください。');
    await expectFit(page, 'make');
    await form.getByRole('button', { name: '保存' }).click();
    await page.getByRole('row', { name: /案内文/ }).waitFor();

    await actOn(page, '案内文', '案内文を編集');
    await form.getByLabel('名前', { exact: true }).fill('イベントの案内文');
    await form.getByRole('button', { name: '保存' }).click();
    await page.getByRole('row', { name: /イベントの案内文/ }).waitFor();
    await expectFit(page, 'templates');

    await actOn(page, 'イベントの案内文', 'イベントの案内文を公開');
    await form.getByLabel('使える人').selectOption({ label: '所属：広報課' });
    await form.getByRole('button', { name: '公開する' }).click();
    await form.waitFor({ state: 'detached' });
    await actOn(page, 'イベントの案内文', 'イベントの案内文を削除');
    await form.getByRole('button', { name: '削除する' }).click();
    await page.getByText('自分用のテンプレートはまだありません。').waitFor();
    await page.getByRole('tab', { name: '所属' }).click();
    await page.getByRole('row', { name: /イベントの案内文.*広報課.*広報紙に載せるとき/ }).waitFor();
    expect(window.faults.filter((fault) => !/status of 422/.test(fault))).toEqual([]);
  });

  it('are used in the chat by keyboard alone: found, filled in, read and sent', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const staff = await colleague('tanto', 'staff');
    const words = { title: '全庁の要約', body: '{文章}を要約してください。', audience: 'city' };
    await city.admin.post('/api/v1/templates', words).expect(201);
    await using window = await windowOf(staff);
    const { page } = window;
    const chat = new Chat(page);
    await page.goto('/');
    await chat.prompt.waitFor();
    await page.getByRole('button', { name: 'テンプレート', exact: true }).press('Enter');
    const dialog = chat.dialog('テンプレートを選ぶ');
    await dialog
      .getByRole('region', { name: '所属' })
      .getByRole('button', { name: /イベントの案内文/ })
      .waitFor();
    await expectFit(page, 'choose');
    await page.keyboard.type('要約');
    await dialog.getByRole('button', { name: /イベントの案内文/ }).waitFor({ state: 'detached' });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await chat.dialog('全庁の要約').getByLabel('文章').waitFor();
    await expectFit(page, 'fill');
    await page.keyboard.type('防災訓練のお知らせ');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    expect(await chat.prompt.inputValue()).toBe('防災訓練のお知らせを要約してください。');
    await page.keyboard.press('Enter');
    await chat.reaches('completed');
    expect(await chat.lastTurn.innerText()).toContain('防災訓練のお知らせを要約してください。');
    expect(window.faults).toEqual([]);
  });

  it('are a batch’s prompt, their places its columns', async () => {
    const upload = city.admin
      .post('/api/v1/batches')
      .set({ 'content-type': 'text/csv', 'x-file-name': 'oshirase.csv' });
    const { body: draft } = await upload.send('文章\nお知らせ\n').expect(201);
    await using window = await windowOf(city.admin);
    const { page } = window;
    await page.goto(`/batches/${draft.id}`);
    await page.getByRole('button', { name: 'テンプレート', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: '全庁の要約' }).click();
    await page.getByRole('button', { name: '内容を確認' }).click();
    await page.getByRole('region', { name: '開始前の確認' }).getByText('お知らせを要約してください。').waitFor();
    expect(window.faults).toEqual([]);
  });
});
