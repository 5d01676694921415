import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { type Window, carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import type { Client } from './support/client.ts';
import { expectFit } from './support/fit.ts';
import { type Credentials, type NewCity, onboardCity, proveAgain, signInVendor, visitor } from './support/people.ts';
import { expectProblem } from './support/problems.ts';
import { modelBehaves } from './support/simulator.ts';
import { passWaitingPeriod } from './support/waiting-period.ts';

const { origins } = runningStack();
const FROZEN = 'この団体は退会の手続き中のため、管理者によるデータの受け取り以外は利用できません。';

/** In which a freeze must be felt, and a moment to paint it. */
const FELT_WITHIN_MS = 6_000;
/** What a worker gives a provider to say what a cancelled call has used, and the archive. */
const JOBS_END_WITHIN_MS = 80_000;

describe('a city that leaves', () => {
  let browser: Browser;
  let city: NewCity;
  let staff: Credentials;
  let vendor: Window;
  let hall: Window;
  let ops: Page;
  let admin: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    const operator = await signInVendor('ops');
    city = await onboardCity('退会市');
    const member = { loginId: 'hanako', displayName: '架空 花子', role: 'staff', segment: 'lgwan' };
    const { body } = await city.admin.post('/api/v1/members', member).expect(201);
    await announceAbout(operator, city, member.displayName);
    staff = { cityCode: city.code, loginId: member.loginId, password: body.initialPassword };
    [vendor, hall] = [await openWindow(browser, origins.vendor), await openWindow(browser, origins.lgwan)];
    await carrySession(vendor.context, origins.vendor, operator.headers.cookie!);
    await carrySession(hall.context, origins.lgwan, city.admin.headers.cookie!);
    [ops, admin] = [vendor.page, hall.page];
  });
  afterAll(async () => {
    await Promise.all([vendor[Symbol.asyncDispose](), hall[Symbol.asyncDispose]()]);
    await browser.close();
  });

  async function removeAs(name: string): Promise<void> {
    await ops.getByRole('button', { name: 'データを削除' }).click();
    const dialog = ops.getByRole('dialog', { name: `退会市（${city.code}）のデータを削除` });
    await dialog.getByRole('textbox').fill(name);
    await dialog.getByRole('button', { name: 'データを削除' }).click();
    if (name === city.name) await dialog.waitFor({ state: 'detached' });
    else await dialog.getByText('入力した団体名が一致しません。').first().waitFor();
  }

  /** @returns the bytes that the browser saved */
  async function save(page: Page, link: Locator): Promise<Buffer> {
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    return readFileSync(await download.path());
  }

  it('takes all of its data along, though nobody spoke of leaving', async () => {
    await admin.goto('/admin/exit');
    await admin.getByText('書き出したことはありません。').waitFor();
    await admin.getByRole('button', { name: '書き出しを依頼' }).click();
    const link = admin.getByRole('link', { name: /の書き出しをダウンロード$/ });
    await link.waitFor();
    await expectFit(admin, 'データの書き出し');
    const download = admin.waitForEvent('download');
    await link.click();
    expect((await download).suggestedFilename()).toMatch(/^moyai_.+_lgwan\.zip$/);
  });

  it('is asked by the vendor, and nothing can be frozen before it agrees', async () => {
    await ops.goto(`/ops/cities/${city.id}`);
    await ops.getByRole('tab', { name: '退会' }).click();
    await ops.getByRole('button', { name: '退会を登録' }).click();
    const dialog = ops.getByRole('dialog', { name: `退会市（${city.code}）の退会を登録` });
    await dialog.getByLabel('理由').fill('契約の終了');
    await dialog.getByRole('button', { name: '退会を登録' }).click();
    await ops.getByText('団体の管理者の同意を待っています。').waitFor();
    expect(await ops.getByRole('button', { name: '凍結' }).count()).toBe(0);
    await expectFit(ops, '退会');
  });

  it('agrees with its name alone', async () => {
    await admin.getByRole('button', { name: '退会に同意' }).click();
    const dialog = admin.getByRole('dialog', { name: '退会市の退会に同意' });
    await dialog.getByRole('textbox').fill('別の市');
    await dialog.getByRole('button', { name: '退会に同意' }).click();
    await dialog.getByText('団体名が一致しません。').waitFor();
    await expectFit(admin, '退会に同意');
    await dialog.getByRole('textbox').fill('退会市');
    await dialog.getByRole('button', { name: '退会に同意' }).click();
    await dialog.waitFor({ state: 'detached' });
    await admin.getByRole('button', { name: '退会に同意' }).waitFor({ state: 'detached' });
  });

  it('is frozen, and who is reading an answer in it is cut off and told why', async () => {
    await using _ = await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 100 });
    await using desk = await openWindow(browser, origins.lgwan);
    const chat = new Chat(desk.page);
    await chat.signIn(staff);
    await proveAgain('ops');
    await ops.getByRole('button', { name: '凍結' }).click();
    const dialog = ops.getByRole('dialog', { name: `退会市（${city.code}）を凍結しますか` });
    await chat.ask('避難所の開設手順を、順を追って詳しく教えてください。');
    await chat.reaches('running');
    await dialog.getByRole('button', { name: '凍結' }).click();
    await desk.page.getByText(FROZEN).first().waitFor({ timeout: FELT_WITHIN_MS });
    await desk.page.reload();
    await desk.page.getByText(FROZEN).first().waitFor();
    await expectFit(desk.page, '凍結された団体の職員');
    expectProblem(await visitor().post('/api/v1/sessions', staff), 403, 'TENANCY.FROZEN');
    expectProblem(await city.admin.post('/api/v1/data-exports'), 403, 'IDENTITY.FORBIDDEN');
  });

  it('receives all that it has, and goes on with a download that broke', async () => {
    await admin.reload();
    const row = admin.getByRole('row').filter({ hasText: '退会のため' });
    const link = row.getByRole('link', { name: /の書き出しをダウンロード$/ });
    // The answer that was cut off is billed to its end first.
    await link.waitFor({ timeout: JOBS_END_WITHIN_MS });
    await row.getByText(/^100%（/).waitFor();
    await row.getByText(/^[\d.]+ KB$/).waitFor();
    const archive = await save(admin, link);
    expect(archive.subarray(0, 2).toString()).toBe('PK');
    const half = archive.length >> 1;
    const path = (await link.getAttribute('href'))!;
    const { body: rest } = await city.admin.get(path).set('range', `bytes=${half}-`).responseType('blob').expect(206);
    expect(Buffer.concat([archive.subarray(0, half), rest])).toEqual(archive);

    await admin.getByRole('button', { name: 'データの受領を確認' }).click();
    const dialog = admin.getByRole('dialog', { name: 'データを受け取りましたか' });
    await dialog.getByRole('button', { name: 'データの受領を確認' }).click();
    await admin.getByText(/から削除できます。$/).waitFor();
    await expectFit(admin, '待機期間の団体');
  }, 120_000);

  it('is not removed before its waiting period is over, nor under another name', async () => {
    const operator = await signInVendor('ops');
    const { body } = await operator.get(`/api/ops/v1/city-exits?cityId=${city.id}`).expect(200);
    await ops.getByText(/から削除できます。$/).waitFor();
    expect(await ops.getByRole('button', { name: 'データを削除' }).count()).toBe(0);
    const remove = operator.post(`/api/ops/v1/city-exits/${body.items[0].id}/delete`, { cityName: city.name });
    expectProblem(await remove, 409, 'EXITS.TOO_EARLY');

    await passWaitingPeriod(city.id);
    await ops.goto('/ops');
    const due = ops.getByRole('listitem').filter({ hasText: '待機期間が終わりました。データを削除してください' });
    await expectFit(ops, '退会の手続き中の団体');
    await due.getByRole('link', { name: `退会市（${city.code}）` }).click();
    await ops.getByRole('tab', { name: '退会' }).click();
    await removeAs('別の市');
    await expectFit(ops, 'データを削除');
    await ops.keyboard.press('Escape');
    await removeAs('退会市');
  });

  it('is not certified while a name stands in the vendor’s books, until two of its people judged whose it is', async () => {
    const finding = (page: Page) =>
      page.getByRole('table', { name: '確認で見つかったもの' }).getByRole('row', { name: /maintenance_notices/ });
    await finding(ops).waitFor();
    // Of the exit and of the city: it has not left before it is proved
    await expect.poll(() => ops.getByText('削除中', { exact: true }).count()).toBe(2);
    expect(await ops.getByText('退会済み', { exact: true }).count()).toBe(0);
    await expectFit(ops, '確認で見つかったもの');
    await finding(ops).getByRole('button').click();
    const judging = ops.getByRole('dialog', { name: 'この団体のものではないと判断' });
    await judging.getByRole('textbox').fill('委託先の同姓同名の担当者');
    await expectFit(ops, 'この団体のものではないと判断');
    await judging.getByRole('button', { name: 'この団体のものではない' }).click();
    await finding(ops).getByText('別の担当者の確認を待っています').waitFor();

    await using colleague = await openWindow(browser, origins.vendor);
    await proveAgain('ops-lead');
    await carrySession(colleague.context, origins.vendor, (await signInVendor('ops-lead')).headers.cookie!);
    await colleague.page.goto(`/ops/cities/${city.id}`);
    await colleague.page.getByRole('tab', { name: '退会' }).click();
    await finding(colleague.page).getByRole('button').click();
    const confirming = colleague.page.getByRole('dialog', { name: 'この団体のものではないことを確認' });
    await confirming.getByText('委託先の同姓同名の担当者').waitFor();
    await expectFit(colleague.page, 'この団体のものではないことを確認');
    await confirming.getByRole('button', { name: '確認する' }).click();
    await finding(ops)
      .getByText(/確認済み/)
      .waitFor();
    await removeAs('退会市');
  });

  it('is removed, and certified in bytes that do not change', async () => {
    const pdf = ops.getByRole('link', { name: '証明書（PDF）' });
    await pdf.waitFor();
    await expectFit(ops, '退会済みの団体');
    const printed = await save(ops, pdf);
    expect(printed.subarray(0, 5).toString()).toBe('%PDF-');
    expect(await save(ops, pdf)).toEqual(printed);
    const document = await save(ops, ops.getByRole('link', { name: '証明書（JSON）' }));
    expect(JSON.parse(document.toString())).toMatchObject({
      city: { code: city.code, name: '退会市' },
      scan: { found: 0, cleared: [{ place: 'maintenance_notices', count: 1, reason: '委託先の同姓同名の担当者' }] },
      manifests: [{ segment: 'lgwan' }],
    });
  });

  it('is known to nobody at its doors', async () => {
    expectProblem(await visitor().post('/api/v1/sessions', staff), 401, 'IDENTITY.SIGN_IN_FAILED');
    expectProblem(await city.admin.get('/api/v1/me'), 401, 'IDENTITY.UNAUTHENTICATED');
    await admin.reload();
    await admin.waitForURL(/\/sign-in/);
  });
});

/** A name like that of one of its people, in what the vendor keeps. Nobody else sees it, nor anybody for long. */
async function announceAbout(operator: Client, { id }: NewCity, name: string): Promise<void> {
  const { body: notice } = await operator
    .post('/api/ops/v1/maintenance-notices', {
      severity: 'info',
      title: '回線の工事',
      body: `立会いの担当：${name}`,
      startsAt: new Date(Date.now() + 3_600_000).toISOString(),
      endsAt: new Date(Date.now() + 7_200_000).toISOString(),
      cityIds: [id],
      onSignIn: false,
    })
    .expect(201);
  await operator.post(`/api/ops/v1/maintenance-notices/${notice.id}/withdraw`).expect(200);
}
