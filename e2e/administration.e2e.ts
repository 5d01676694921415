import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { expectFit } from './support/fit.ts';
import { askAndFinish } from './support/jobs.ts';
import { type NewCity, demoCity, onboardCity, signInAs, signInVendor, withApiKey } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();

/** Opens a page's dialog, fills it by its labels (a list for a choice) and sends it. */
async function submit(page: Page, dialog: string, values: Record<string, string | { choice: string }>, send: string) {
  await page.getByRole('button', { name: dialog }).click();
  const form = page.getByRole('dialog', { name: dialog });
  for (const [label, value] of Object.entries(values)) {
    const field = form.getByLabel(label, { exact: true });
    if (typeof value === 'string') await field.fill(value);
    else await field.selectOption({ label: value.choice });
  }
  await form.getByRole('button', { name: send }).click();
}

/** Opens what can be done with a row. */
const actOn = (page: Page, name: string) => page.getByRole('button', { name: `${name}の操作` }).click();

/** What is shown once and never again. */
async function takeSecret(page: Page): Promise<string> {
  const secret = await page.getByTestId('secret').innerText();
  await page.getByRole('dialog').getByRole('button', { name: '閉じる' }).click();
  await page.getByTestId('secret').waitFor({ state: 'detached' });
  return secret;
}

describe('in the browser', () => {
  let browser: Browser;
  let city: NewCity;

  beforeAll(async () => {
    [browser, city] = await Promise.all([launchBrowser(), onboardCity('画面市')]);
  });
  afterAll(() => browser.close());

  it('a city’s administrator brings in departments, people, purposes, keys and a budget', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, city.admin.headers.cookie!);
    const cell = (text: string) => page.getByRole('table').getByText(text, { exact: true }).first();

    await page.goto('/admin/departments');
    await submit(page, '所属を追加', { 所属コード: '01', 所属名: '総務部' }, '追加');
    await cell('総務部').waitFor();

    await page.getByRole('link', { name: '事務', exact: true }).click();
    await submit(page, '事務を追加', { 事務コード: 'koho', 事務名: '広報に関する事務' }, '追加');
    await cell('広報に関する事務').waitFor();

    await page.getByRole('link', { name: '予算', exact: true }).click();
    const limit = page.getByRole('button', { name: /の上限を設定$/ }).last();
    const month = (await limit.getAttribute('aria-label'))!;
    await submit(page, month, { '上限（トークン）': '123456' }, '保存');
    await cell('123,456').waitFor();

    await page.getByRole('link', { name: 'APIキー', exact: true }).click();
    await submit(page, 'APIキーを発行', { 名称: '文書管理システム' }, '発行');
    const program = withApiKey(await takeSecret(page));
    await cell('文書管理システム').waitFor();
    expect((await askAndFinish(program, '質問です。')).status).toBe('completed');
    await page.getByRole('button', { name: '文書管理システムを失効させる' }).click();
    await page.getByRole('button', { name: '失効させる', exact: true }).click();
    await page.getByRole('button', { name: '文書管理システムを失効させる' }).waitFor({ state: 'detached' });
    await program.get('/api/v1/models').expect(401);

    await page.getByRole('link', { name: '職員', exact: true }).click();
    const byPassword = { サインインの準備: { choice: '初期パスワードを発行' } };
    const person = {
      ログインID: 'hanako',
      氏名: '山田 花子',
      役割: { choice: '職員' },
      所属: { choice: '総務部' },
      ...byPassword,
    };
    await submit(page, '職員を追加', person, '追加');
    const password = await takeSecret(page);
    await page.getByRole('row').filter({ hasText: '山田 花子' }).waitFor();
    await using theirs = await openWindow(browser, origins.lgwan);
    await new Chat(theirs.page).signIn({ cityCode: city.code, loginId: 'hanako', password });
    await theirs.page.getByText('総務部 山田 花子').waitFor();
    await theirs.page.goto('/batches?from=mail');

    await actOn(page, '山田 花子');
    await expectFit(page, 'what can be done with a member');
    await page.getByRole('button', { name: '山田 花子を編集' }).click();
    await page.getByLabel('最終利用日').fill('2099-03-31');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await page.getByRole('row').filter({ hasText: '山田 花子' }).getByText('2099/03/31まで').waitFor();

    await actOn(page, '山田 花子');
    await page.getByRole('button', { name: '山田 花子のサインイン中のブラウザー' }).click();
    await page.getByRole('dialog').getByRole('row').nth(1).waitFor();
    await expectFit(page, 'sessions of a member');
    await page.getByRole('button', { name: 'すべてサインアウトさせる' }).click();
    await page.getByText('サインイン中のブラウザーはありません。').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '閉じる' }).click();
    await theirs.page.reload();
    await theirs.page.waitForURL(/\/sign-in/);
    await theirs.page.getByLabel('団体コード').fill(city.code);
    await theirs.page.getByLabel('ログインID').fill('hanako');
    await theirs.page.getByLabel('パスワード').fill(password);
    await theirs.page.getByRole('button', { name: 'サインイン' }).click();
    await theirs.page.waitForURL(`${origins.lgwan}/batches?from=mail`);
    await theirs.page.getByText('総務部 山田 花子').waitFor();

    await actOn(page, '山田 花子');
    await submit(page, '山田 花子のサインイン情報を再発行', byPassword, '発行する');
    expect(await takeSecret(page)).not.toBe(password);
    await theirs.page.reload();
    await theirs.page.waitForURL(/\/sign-in/);

    await page.getByRole('link', { name: '監査ログ', exact: true }).click();
    for (const action of ['パスワードの再発行', '職員の登録', 'APIキーの失効', '予算の上限設定', '事務の登録'])
      await page.getByRole('table').getByText(action, { exact: true }).first().waitFor();
    await page.getByRole('combobox', { name: '操作' }).selectOption({ label: '所属の登録' });
    await page.getByRole('row').nth(2).waitFor({ state: 'detached' });
    expect(window.faults).toEqual([]);
  });

  it('what the form refuses stands beside its field', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, city.admin.headers.cookie!);
    await page.goto('/admin/members');
    await submit(page, '職員を追加', { 氏名: '名前だけ' }, '追加');
    expect(await page.getByLabel('ログインID', { exact: true }).getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('ログインID', { exact: true }).fill(city.firstAdmin.loginId);
    await page.getByRole('dialog').getByRole('button', { name: '追加' }).click();
    await page.getByText('このログインIDは使われています。').waitFor();
  });

  it.each([
    ['auditor', ['異動・退職', '所属', 'ネットワーク', '利用状況', '請求書', '監査ログ', '運営事業者の閲覧']],
    ['manager', ['所属', '予算', '利用状況']],
    ['staff', []],
  ] as const)('the role %s is offered %o, and no other address opens more', async (role, pages) => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    const session = await signInAs(demoCity(0), role);
    await carrySession(window.context, origins.lgwan, session.headers.cookie!);
    await page.goto('/');
    // The bare address is no chat for whoever may not ask
    if (role === 'auditor') await page.waitForURL(`${origins.lgwan}/admin/audit`);
    await page.getByRole('main').waitFor();
    const links = page.getByRole('navigation', { name: '管理' }).getByRole('link');
    await page.getByRole('button', { name: 'サインアウト' }).waitFor();
    expect(await links.allInnerTexts()).toEqual(pages);
    await page.goto('/admin/api-keys');
    await page.getByText('この操作を行う権限がありません。').first().waitFor();
    expect(await page.getByRole('button', { name: '再試行' }).count()).toBe(0);
  });

  it('the vendor’s finance takes the month’s table away', async () => {
    await using window = await openWindow(browser, origins.vendor);
    const { page } = window;
    await carrySession(window.context, origins.vendor, (await signInVendor('finance')).headers.cookie!);
    await page.goto('/finance');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSVをダウンロード' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^moyai-usage-\d{4}-\d{2}\.csv$/);
    expect(await download.failure()).toBeNull();
  });
});
