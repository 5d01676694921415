import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import type { Client } from './support/client.ts';
import { ask } from './support/jobs.ts';
import { type NewCity, credentialsOf, demoCity, memberOf, onboardCity, signInVendor } from './support/people.ts';
import { modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();

describe('the vendor’s operator', () => {
  let browser: Browser;
  let ops: Client;
  let city: NewCity;
  let window: Window;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    [ops, city] = await Promise.all([signInVendor('ops'), onboardCity('被災市')]);
    window = await openWindow(browser, origins.vendor);
    ({ page } = window);
    await carrySession(window.context, origins.vendor, ops.headers.cookie!);
  });
  afterAll(async () => {
    await window[Symbol.asyncDispose]();
    await browser.close();
  });

  const row = (table: string, name: string) => page.getByRole('table', { name: table }).getByRole('row', { name });

  it('sets how much of the pool a city gets, in words that say what it does', async () => {
    await page.goto('/ops/shares');
    await page.getByRole('button', { name: `${city.name}（${city.code}）を編集` }).click();
    const dialog = page.getByRole('dialog', { name: `${city.name}（${city.code}）への配分を編集` });
    await dialog.getByLabel('最低保証').fill('3');
    await dialog.getByLabel('上限').fill('1');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.getByText('最低保証は、上限以下にしてください。').waitFor();
    await dialog.getByLabel('最低保証').fill('');
    await dialog.getByRole('button', { name: '保存' }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('団体への配分', city.name).getByRole('cell', { name: '1', exact: true }).last().waitFor();
  });

  it('watches the pool: who waits and for how long, what is used, and how it came to this', async () => {
    await using _ = await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 30 });
    const jobs = [];
    for (let job = 0; job < 3; job += 1) jobs.push(await ask(city.admin, '避難所の開設手順を教えてください。'));
    await page.goto('/ops/pool');
    // Its limit is one at a time, so two wait
    await row('順番待ち', '対話').getByRole('cell', { name: '2', exact: true }).waitFor();
    await row('デプロイメント', 'simulated-ap-northeast-1-sonnet').getByText('正常').waitFor();
    await page.getByRole('meter', { name: 'simulated-ap-northeast-1-sonnetの同時実行' }).waitFor();
    const deployments = page.getByRole('table', { name: 'デプロイメント' });
    expect(await deployments.evaluate((table) => table.scrollWidth - table.parentElement!.clientWidth)).toBe(0);
    await page.getByRole('img', { name: /^順番待ちの件数のグラフ/ }).waitFor();
    await page.getByText('表で見る順番待ちの件数').click();
    await page.getByRole('table', { name: '順番待ちの件数' }).getByRole('row').nth(1).waitFor();
    for (const { id } of jobs) await city.admin.post(`/api/v1/jobs/${id}/cancel`);
  });

  it('is shown the next state by itself, until they stop it', async () => {
    await page.goto('/ops/pool');
    const at = page.getByTestId('pool-at');
    const first = await at.innerText();
    await expect.poll(() => at.innerText(), { timeout: 20_000 }).not.toBe(first);
    await page.getByRole('button', { name: '自動更新を止める' }).click();
    await page.getByRole('button', { name: '自動更新を再開' }).waitFor();
  });

  it('opens the urgent lane for a city after a second look, in sight of the others, and closes it', async () => {
    await page.goto('/ops/urgent');
    await page.getByRole('button', { name: '緊急レーンを開放' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '内容を確認' }).click();
    await dialog.getByText('対象の団体を1つ以上選んでください。').waitFor();
    await dialog.getByLabel('理由').fill('試験地震への対応');
    await dialog.getByLabel('団体を絞り込む').fill(city.code);
    await dialog.getByRole('checkbox', { name: city.name }).check();
    await dialog.getByRole('button', { name: '内容を確認' }).click();
    await dialog.getByText('対象の団体：1団体').waitFor();
    // Two cities may have the same name
    await dialog.getByText(`${city.name}（${city.code}）`).waitFor();
    await dialog.getByRole('button', { name: '開放する' }).click();
    await row('緊急レーン', '試験地震への対応').getByText('開放中').waitFor();
    await row('緊急レーン', '試験地震への対応').getByText(`${city.name}（${city.code}）`).waitFor();

    const elsewhere = demoCity(1);
    await using other = await openWindow(browser, origins.lgwan);
    await new Chat(other.page).signIn(credentialsOf(elsewhere, memberOf(elsewhere, 'staff')));
    const notice = other.page.getByRole('status').filter({ hasText: '緊急レーンを開放しています：試験地震への対応' });
    await notice.waitFor();
    expect(await notice.innerText()).toContain(city.name);

    await page.getByRole('button', { name: '「試験地震への対応」を終了' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '終了' }).click();
    await row('緊急レーン', '試験地震への対応').getByText('早期終了').waitFor();
    await other.page.reload();
    await new Chat(other.page).prompt.waitFor();
    await notice.waitFor({ state: 'detached' });
  });

  it('has met no fault on the way', () => {
    expect(window.faults).toEqual([]);
  });
});
