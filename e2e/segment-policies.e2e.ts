import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '#libs/api-client';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import {
  type Credentials,
  type NewCity,
  onboardCity,
  proveAgain,
  signIn,
  signInVendor,
  visitor,
} from './support/people.ts';
import { expectProblem } from './support/problems.ts';

const { origins } = runningStack();
const MY_NUMBER_NETWORK = '個人番号利用事務系';
const ELSEWHERE = '192.0.2.0/24';

describe('what each network of a city allows', () => {
  let browser: Browser;
  let city: NewCity;
  let atDesk: Credentials;
  let desk: Client;
  let staff: Client;

  beforeAll(async () => {
    [browser, city] = await Promise.all([launchBrowser(), onboardCity('網市')]);
    atDesk = await member('my_number');
    [desk, staff] = await Promise.all([signIn(atDesk, 'my_number'), signIn(await member('lgwan'))]);
  });
  afterAll(() => browser.close());

  async function member(segment: 'lgwan' | 'my_number'): Promise<Credentials> {
    const body = { loginId: `staff-${segment}`, displayName: '職員 花子', role: 'staff', segment };
    const made = await city.admin.post('/api/v1/members', body).expect(201);
    return { cityCode: city.code, loginId: body.loginId, password: made.body.initialPassword };
  }

  const change = (body: object) => city.admin.patch('/api/v1/segment-policies/my_number', body).expect(200);
  const trail = async (action: string): Promise<AuditEntry[]> =>
    (await city.admin.get(`/api/v1/audit-entries?action=${action}`).expect(200)).body.items;

  it('is shown to its administrator in words, and changed after a look at what that does', async () => {
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await carrySession(window.context, origins.lgwan, city.admin.headers.cookie!);
    await page.goto('/admin/segments');
    const card = page.getByRole('region', { name: MY_NUMBER_NETWORK });
    await card.getByText('期限なし').waitFor();
    await expectFit(page, 'networks');

    await card.getByRole('button', { name: `${MY_NUMBER_NETWORK}の設定を変更` }).click();
    const dialog = page.getByRole('dialog');
    const preview = dialog.getByRole('region', { name: '変更の内容' });
    await preview.getByText('変更はありません。').waitFor();
    await dialog.getByLabel('コピーのボタンを表示する').uncheck();
    await dialog.getByLabel('ファイルの登録を認める').uncheck();
    await dialog.getByLabel('保存期間を決める').check();
    await dialog.getByLabel('保存する日数').fill('90');
    await preview.getByText('表示する → 表示しない').waitFor();
    await preview.getByText('期限なし → 90日').waitFor();
    await preview.getByText('質問と回答0件').waitFor();
    await expectFit(page, 'the rules of a network');
    await dialog.getByLabel('利用できる場所（IPアドレス）').fill('10.20.0.9/16');
    await dialog.getByRole('button', { name: 'この内容で変更する' }).click();
    await dialog.getByText('10.20.0.0/16 と書いてください').first().waitFor();
    await dialog.getByLabel('利用できる場所（IPアドレス）').fill('');
    await dialog.getByRole('button', { name: 'この内容で変更する' }).click();
    await dialog.waitFor({ state: 'detached' });
    await card.getByText('90日').waitFor();
    expect((await trail('segment-policy.changed'))[0]).toMatchObject({
      subject: { id: 'my_number' },
      details: { retentionDays: 90, attachments: false, takeOut: 'download export' },
    });
  });

  it('is met by who works there at the next request, and by nobody on the other network', async () => {
    const { body: there } = await desk.get('/api/v1/me').expect(200);
    expect(there.policy).toMatchObject({ attachments: false, takeOut: { copy: false }, retentionDays: 90 });
    expect((await staff.get('/api/v1/me').expect(200)).body.policy.attachments).toBe(true);
    const upload = desk.post('/api/v1/batches').set('content-type', 'text/csv').send('氏名\n山田\n');
    expectProblem(await upload, 403, 'TENANCY.ATTACHMENTS_REFUSED');

    await using window = await openWindow(browser, origins.my_number);
    const { page } = window;
    await carrySession(window.context, origins.my_number, desk.headers.cookie!);
    await page.goto('/');
    await page.getByText('送信から90日で完全に消去します').waitFor();
    await page.goto('/batches/new');
    await page.getByText('ファイルを登録できません').waitFor();
  });

  it('keeps out who comes from elsewhere, whatever they say of themselves, and says so once in the trail', async () => {
    await change({ addressRanges: [ELSEWHERE] });
    const claims = {
      'x-forwarded-for': '192.0.2.1',
      'x-real-ip': '192.0.2.1',
      forwarded: 'for=192.0.2.1',
      'x-moyai-ingress': `my_number.9999999999.192.0.2.1.${'0'.repeat(64)}`,
    };
    for (const client of [desk, desk.with(claims)])
      expectProblem(await client.get('/api/v1/me'), 403, 'TENANCY.ADDRESS_REFUSED');
    for (const door of [visitor('my_number'), visitor('my_number').with(claims)])
      expectProblem(await door.post('/api/v1/sessions', atDesk), 403, 'TENANCY.ADDRESS_REFUSED');
    expectProblem(await desk.at(origins.lgwan).get('/api/v1/me'), 401, 'IDENTITY.UNAUTHENTICATED');
    await staff.get('/api/v1/me').expect(200);
    const refused = (await trail('access.refused')).filter(({ details }) => details.code === 'TENANCY.ADDRESS_REFUSED');
    expect(refused).toHaveLength(1);
    expect(refused[0]!.details.address).toMatch(/127\.0\.0\.1$/);

    await using window = await openWindow(browser, origins.my_number);
    await window.page.goto('/sign-in');
    await window.page.getByLabel('団体コード').fill(atDesk.cityCode);
    await window.page.getByLabel('ログインID').fill(atDesk.loginId);
    await window.page.getByLabel('パスワード').fill(atDesk.password);
    await window.page.getByRole('button', { name: 'サインイン' }).click();
    await window.page.getByText('この端末の場所（IPアドレス）からは利用できません').first().waitFor();
  });

  it('is in the vendor’s sight for each city, and what the vendor changes stands in the city’s own trail', async () => {
    const ops = await signInVendor('ops');
    await proveAgain('ops');
    const path = `/api/ops/v1/cities/${city.id}/segment-policies/internet`;
    await ops.patch(path, { open: true, mfa: 'required' }).expect(200);
    expect((await trail('segment-policy.changed'))[0]).toMatchObject({
      actor: { type: 'vendor' },
      details: { segment: 'internet', mfa: 'required' },
    });
    await using window = await openWindow(browser, origins.vendor);
    const { page } = window;
    await carrySession(window.context, origins.vendor, ops.headers.cookie!);
    await page.goto(`/ops/cities/${city.id}`);
    await page.getByRole('tab', { name: 'ネットワーク' }).click();
    await page.getByRole('region', { name: 'インターネット接続系' }).getByText('必須').waitFor();
    await expectFit(page, 'the networks of a city');
  });

  it('cannot be set so that its administrator is shut out', async () => {
    const own = city.admin.patch('/api/v1/segment-policies/lgwan', { addressRanges: [ELSEWHERE] });
    expectProblem(await own, 409, 'TENANCY.OWN_ADDRESS_LEFT_OUT');
    await change({ open: false, addressRanges: [] });
    expectProblem(await desk.get('/api/v1/me'), 403, 'TENANCY.SEGMENT_CLOSED');
    await change({ open: true });
    await desk.get('/api/v1/me').expect(200);
  });
});
