import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { ask, readJob } from './support/jobs.ts';
import { municipalityCode, onboardCity, proveAgain, signIn, signInVendor } from './support/people.ts';
import { modelBehaves } from './support/simulator.ts';

const PASSWORD = randomBytes(18).toString('base64url');
const { origins } = runningStack();

describe('a city’s beginning', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('is an afternoon: the operator’s wizard, the administrator’s invitation, first steps', async () => {
    await using desk = await openWindow(browser, origins.vendor);
    const { page } = desk;
    await carrySession(desk.context, origins.vendor, (await signInVendor('ops')).headers.cookie!);
    const code = municipalityCode();
    const name = `始市${code}`;
    await page.goto('/ops');
    await page.getByRole('link', { name: '団体を登録' }).click();
    await page.getByRole('button', { name: '登録を始める' }).click();
    const onward = () => page.getByRole('button', { name: '保存して次へ' }).click();
    await page.getByLabel('団体コード').fill(`${code.slice(0, 5)}${(Number(code[5]) + 1) % 10}`);
    await page.getByText('検査数字が一致しません').waitFor();
    await page.getByLabel('団体コード').fill(code);
    await page.getByLabel('団体名').fill(name);
    await onward();
    await page.getByLabel('利用の根拠').selectOption('trial');
    await page.getByLabel('試行の最終日').fill(new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10));
    await page.getByLabel('月の上限（トークン）').fill('1000000');
    await onward();
    await page.getByLabel('端末のアドレス範囲').first().waitFor();
    await expectFit(page, 'the networks of a new city');
    // Another day, from the list
    await page.goto('/ops');
    await page.getByRole('listitem').filter({ hasText: name }).getByRole('link', { name: '続ける' }).click();
    await page.getByRole('button', { name: /最初の管理者$/ }).click();
    await page.getByLabel('ログインID').fill('kanri');
    await page.getByLabel('氏名').fill('管理 太郎');
    await onward();
    await page.getByRole('button', { name: '団体を登録' }).click();
    const link = await page.getByTestId('secret').innerText();
    await page.getByRole('button', { name: '閉じる' }).click();
    await page.getByRole('heading', { name: '利用開始に必要なもの' }).waitFor();
    await expectFit(page, 'a city to the vendor');

    await using hall = await openWindow(browser, origins.lgwan);
    await hall.page.goto(link);
    await hall.page.locator('input[type="password"]').first().waitFor();
    for (const field of await hall.page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
    await hall.page.getByRole('button', { name: '設定する' }).click();
    await hall.page.getByText('パスワードを設定しました。').waitFor();
    const admin = await signIn({ cityCode: code, loginId: 'kanri', password: PASSWORD });
    await carrySession(hall.context, origins.lgwan, admin.headers.cookie!);
    await hall.page.goto('/');
    await hall.page.getByRole('link', { name: '「はじめに」を開く' }).click();
    await hall.page.getByText('7項目のうち0項目が済みました').waitFor();
    await expectFit(hall.page, 'first steps');
    await admin.post('/api/v1/departments', { code: '01', name: '総務部' }).expect(201);
    await hall.page.reload();
    await hall.page.getByText('7項目のうち1項目が済みました').waitFor();
    await hall.page.getByRole('button', { name: '案内を表示しない' }).click();
    await hall.page.getByRole('button', { name: '案内を表示しない' }).waitFor({ state: 'detached' });
  });

  it('suspended in the middle of its work it waits, and goes on when it is taken up again', async () => {
    const city = await onboardCity('保留市');
    await using _ = await modelBehaves({ firstTokenDelayMs: 200, tokenDelayMs: 20 });
    const jobs = await Promise.all(
      [...Array(12).keys()].map((index) => ask(city.admin, `案内文${index}の下書きを作ってください。`)),
    );
    await using desk = await openWindow(browser, origins.vendor);
    const { page } = desk;
    const ops = await signInVendor('ops');
    await proveAgain('ops');
    await carrySession(desk.context, origins.vendor, ops.headers.cookie!);
    await page.goto(`/ops/cities/${city.id}`);
    await page.getByRole('button', { name: '停止', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('理由').fill('契約の手続き中のため');
    await dialog.getByRole('button', { name: '停止' }).click();
    await page.getByText('停止の理由：契約の手続き中のため').waitFor();
    await city.admin.get('/api/v1/me').expect(403);
    const state = async () => (await ops.get(`/api/ops/v1/cities/${city.id}`).expect(200)).body;
    await expect.poll(async () => (await state()).jobs.running, { timeout: 20_000 }).toBe(0);
    const { jobs: after, month } = await state();
    expect(after.waiting).toBe(0);
    expect(month.reservedTokens > 0).toBe(after.held > 0);
    await page.getByRole('button', { name: '再開', exact: true }).click();
    await dialog.getByLabel('理由').fill('手続きが済んだため');
    await dialog.getByRole('button', { name: '再開' }).click();
    await page.getByText('稼働', { exact: true }).waitFor();
    for (const { id } of jobs)
      await expect.poll(async () => (await readJob(city.admin, id)).status, { timeout: 30_000 }).toBe('completed');
    expect((await state()).month.reservedTokens).toBe(0);
  });
});
