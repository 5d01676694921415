import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SamlIdentityProvider, runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { type NewCity, onboardCity, withApiKey } from './support/people.ts';

const { origins } = runningStack();

const isReadable = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
};

describe('a city’s own identity provider, in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  let idp: SamlIdentityProvider;
  beforeAll(async () => {
    [browser, city, idp] = await Promise.all([launchBrowser(), onboardCity('連携市'), SamlIdentityProvider.start()]);
  });
  afterAll(async () => {
    await browser.close();
    await idp[Symbol.asyncDispose]();
  });

  async function authenticateAs(page: Page, person: string): Promise<void> {
    await page.getByLabel('職員番号').fill(person);
    await page.getByRole('button', { name: '認証する' }).click();
  }

  it('is set up and tried out by the administrator, and then signs a person in who was never registered', async () => {
    await using admin = await openWindow(browser, origins.lgwan);
    const { page } = admin;
    const { cityCode, loginId, password } = city.firstAdmin;
    await page.goto('/sign-in?next=/admin/sign-in');
    await page.getByLabel('団体コード').fill(cityCode);
    await page.getByLabel('ログインID').fill(loginId);
    await page.getByLabel('パスワード').fill(password);
    await page.keyboard.press('Enter');
    await page.getByText('登録された認証基盤はありません。').waitFor();
    await page.getByRole('button', { name: '認証基盤を追加' }).click();
    await page.getByLabel('ボタンに表示する名前').fill('庁内認証基盤');
    await page.getByRole('button', { name: '追加する' }).click();
    await page.getByText('メタデータがまだ登録されていません。').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'SPメタデータを保存' }).click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
    idp.trust(Buffer.concat(chunks).toString());
    await page.getByRole('button', { name: '庁内認証基盤のメタデータを登録' }).click();
    const file = { name: 'idp.xml', mimeType: 'text/xml', buffer: Buffer.from(idp.metadata) };
    await page.getByLabel('メタデータ（XML）').setInputFiles(file);
    await page.getByRole('button', { name: '登録する' }).click();
    await page.getByRole('button', { name: 'テストサインイン' }).click();
    await authenticateAs(page, 'shiken');
    await page.getByText('テストサインインは成功しました').waitFor();
    await isReadable(page);
    await page.getByRole('button', { name: '庁内認証基盤の受け入れの設定' }).click();
    await page.getByLabel('初めての職員を自動で登録する').selectOption('true');
    await isReadable(page);
    await page.getByRole('button', { name: '保存する' }).click();
    await page.getByRole('button', { name: '有効にする' }).click();
    await page.getByText('有効', { exact: true }).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

    await using person = await openWindow(browser, origins.lgwan, { width: 400, height: 800 });
    await person.page.goto('/account?from=mail');
    await person.page.waitForURL(/\/sign-in\?next=/);
    await person.page.getByLabel('団体コード').fill(cityCode);
    await isReadable(person.page);
    await person.page.getByRole('button', { name: '庁内認証基盤でサインイン' }).click();
    await authenticateAs(person.page, 'h.yamada');
    await person.page.waitForURL(`${origins.lgwan}/account?from=mail`);
    await person.page.getByText('二要素認証は登録されていません。').waitFor();
    await person.page.goto('/');
    await person.page.getByRole('textbox', { name: '質問' }).waitFor();
  });

  it('keeps members with a key that the administrator makes and takes back', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, city.admin.headers.cookie!);
    await page.goto('/admin/sign-in');
    await page.getByRole('button', { name: '役割の対応を変更' }).click();
    const words = page.getByRole('dialog', { name: '役割の対応を変更' });
    await words.getByLabel('所属長になる値').fill('課長; 部長');
    await words.getByLabel('管理者になる値').fill('部長');
    await words.getByRole('button', { name: '保存' }).click();
    await words.getByText('「部長」が重複しています。').first().waitFor();
    await words.getByLabel('管理者になる値').fill('');
    await words.getByRole('button', { name: '保存' }).click();
    await words.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'SCIMキーを発行' }).click();
    await page.getByLabel('名称').fill('庁内認証基盤');
    await page.getByRole('button', { name: '発行', exact: true }).click();
    const provider = withApiKey(await page.getByTestId('secret').innerText());
    await page.getByRole('dialog').getByRole('button', { name: '閉じる' }).click();
    const address = new URL(await page.getByText('/api/scim/v2').innerText());
    expect(address.origin).toBe(origins.lgwan);
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User'];
    const person = { schemas, userName: 's.sato', displayName: '佐藤 さくら', roles: [{ value: '課長' }] };
    await provider.post(`${address.pathname}/Users`, person).expect(201);
    await page.reload();
    await page.getByText('1人', { exact: true }).waitFor();
    await expectFit(page, 'provisioning');

    await page.getByRole('button', { name: '庁内認証基盤を失効させる' }).click();
    await page.getByRole('button', { name: '失効させる', exact: true }).click();
    await page.getByRole('button', { name: '庁内認証基盤を失効させる' }).waitFor({ state: 'detached' });
    await provider.get(`${address.pathname}/Users`).expect(401);

    await page.goto('/admin/members');
    const kept = page.getByRole('row').filter({ hasText: '佐藤 さくら' });
    await kept.getByText('s.sato（認証基盤と連携）').waitFor();
    await kept.getByText('所属長', { exact: true }).waitFor();
    expect(window.faults).toEqual([]);
  });

  it('leads back with what to do when it does not let somebody in', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    await window.page.goto('/sign-in?failure=SSO.CLOCK_DIFFERENCE&requestId=abc');
    await window.page.getByText('時計が90秒以上ずれています。').waitFor();
    await isReadable(window.page);
  });
});
