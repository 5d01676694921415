import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import { askAndFinish } from './support/jobs.ts';
import { type NewCity, onboardCity, signIn } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();

const enter = (context: BrowserContext, client: Client) => carrySession(context, origins.lgwan, client.headers.cookie!);

async function fill(page: Page, button: string, values: Record<string, string>, send: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: button, exact: true });
  for (const [label, value] of Object.entries(values)) await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByRole('button', { name: send, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe('budgets of departments and members', () => {
  let browser: Browser;
  let city: NewCity;
  let manager: Client;
  let clerk: Client;

  beforeAll(async () => {
    [browser, city] = await Promise.all([launchBrowser(), onboardCity('予算市')]);
    const department = { code: '0202', name: '税務課' };
    const { body } = await city.admin.post('/api/v1/departments', department).expect(201);
    const join = async (loginId: string, role: string) => {
      const member = { loginId, displayName: loginId, role, segment: 'lgwan', departmentId: body.id };
      const made = await city.admin.post('/api/v1/members', member).expect(201);
      return signIn({ cityCode: city.code, loginId, password: made.body.initialPassword });
    };
    manager = await join('kacho', 'manager');
    clerk = await join('tanto', 'staff');
  });
  afterAll(() => browser.close());

  it('stop a department at its limit, say so, and go on after a top-up that two people agreed on', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await enter(window.context, city.admin);
    await page.goto('/admin/budget');
    await fill(page, '税務課の上限を変更', { '上限（トークン）': '100' }, '保存');
    const row = page.getByRole('table', { name: '所属・職員の上限' }).getByRole('row').filter({ hasText: '税務課' });
    await row.getByText('100', { exact: true }).waitFor();
    await fill(page, '職員の上限を設定する', { ログインID: 'tanto', '上限（トークン）': '50000' }, '保存');
    await page.getByRole('button', { name: 'tantoの上限を変更' }).waitFor();

    await using theirs = await openWindow(browser, origins.lgwan);
    await enter(theirs.context, clerk);
    await theirs.page.goto('/');
    const chat = new Chat(theirs.page);
    await chat.ask('案内文を作成してください。');
    await theirs.page.getByText('所属の今月の利用上限に達するため受け付けられません。').waitFor();

    await using office = await openWindow(browser, origins.lgwan);
    await enter(office.context, manager);
    await office.page.goto('/admin/budget');
    const wish = { '増やす量（トークン）': '60000', 理由: '申告期の問い合わせが増えるため' };
    await fill(office.page, '増額を申請', wish, '申請する');
    await office.page.getByText('決裁待ち').waitFor();
    expect(await office.page.getByRole('button', { name: '税務課の申請を承認' }).count()).toBe(0);

    await page.reload();
    await page.getByText('申告期の問い合わせが増えるため').waitFor();
    await expectFit(page, 'a waiting request');
    await fill(page, '税務課の申請を承認', { 備考: '補正対応' }, '承認');
    await page.getByText('上限 100 → 60,100').waitFor();
    await row.getByText('60,100', { exact: true }).waitFor();
    expect((await askAndFinish(clerk, '案内文を作成してください。')).status).toBe('completed');
    expect(window.faults).toEqual([]);
  });

  it('tell those concerned of a threshold, each until that person has read it', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await enter(window.context, city.admin);
    await page.goto('/admin/budget');
    await fill(page, '通知する割合', { '割合（%）': '100, 1' }, '保存');
    await fill(page, 'tantoの上限を変更', { '上限（トークン）': '1000' }, '保存');
    await fill(page, '税務課の上限を変更', { '上限（トークン）': '10' }, '保存');
    const told = '税務課の今月の利用が上限に達しました';
    await page.getByText(told, { exact: true }).waitFor();
    await expectFit(page, 'a notice');
    await page.getByRole('button', { name: `確認しました：${told}` }).click();
    await page.getByText(told, { exact: true }).waitFor({ state: 'detached' });

    await using office = await openWindow(browser, origins.lgwan);
    await enter(office.context, manager);
    await office.page.goto('/');
    await office.page.getByText(told, { exact: true }).waitFor();
    await using theirs = await openWindow(browser, origins.lgwan);
    await enter(theirs.context, clerk);
    await theirs.page.goto('/');
    await theirs.page.getByText('あなたの今月の利用が上限の1%に達しました').waitFor();
    expect(await theirs.page.getByText(told, { exact: true }).count()).toBe(0);
  });
});
