import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { askAndFinish } from './support/jobs.ts';
import { type NewCity, onboardCity, signIn } from './support/people.ts';

const { origins } = runningStack();

describe('people who move and leave, in the browser', () => {
  let browser: Browser;
  let city: NewCity;
  beforeAll(async () => {
    browser = await launchBrowser();
    city = await onboardCity('引継市');
  });
  afterAll(() => browser.close());

  async function member(loginId: string, displayName: string) {
    const wish = { loginId, displayName, role: 'staff', segment: 'lgwan' };
    const { body } = await city.admin.post('/api/v1/members', wish).expect(201);
    const session = await signIn({ cityCode: city.code, loginId, password: body.initialPassword });
    return { id: body.member.id as string, session };
  }

  async function adminWindow() {
    const window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, city.admin.headers['cookie']!);
    return window;
  }

  it('withdraws the end of rights, hands over what somebody left, and takes it back', async () => {
    const [leaver, heir] = [await member('taishoku', '退職 花子'), await member('konin', '後任 太郎')];
    const { conversationId } = await askAndFinish(leaver.session, '引き継がれる質問です。');
    const words = { title: '引き継がれる型', body: '{件名}の案内', audience: 'own' };
    const { body: template } = await leaver.session.post('/api/v1/templates', words).expect(201);
    await city.admin.patch(`/api/v1/members/${leaver.id}`, { status: 'disabled' }).expect(200);
    await city.admin.patch(`/api/v1/members/${heir.id}`, { lastDay: '2031-03-31' }).expect(200);
    await using window = await adminWindow();
    const { page } = window;
    await page.goto('/admin/transfers');
    await page.getByRole('row', { name: /2031\/03\/31.*後任 太郎.*最終利用日/ }).waitFor();
    await expectFit(page, 'upcoming');
    await page.getByRole('button', { name: '後任 太郎さんの利用期限をなくす' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '期限をなくす' }).click();
    await page.getByText('予定はありません。').waitFor();

    await page.getByRole('tab', { name: '残された会話など' }).click();
    await page.getByRole('row', { name: /退職 花子.*1 0 1 保存/ }).waitFor();
    await expectFit(page, 'left behind');
    await page.getByRole('button', { name: '退職 花子さんの会話などを引き継ぐ' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('引き継ぎ先のログインID').fill('konin');
    await dialog.getByLabel('理由').fill('後任への引き継ぎ');
    await expectFit(page, 'hand over');
    await dialog.getByRole('button', { name: '引き継ぐ', exact: true }).click();
    await page.getByText('残された会話・一括処理・テンプレートはありません。').waitFor();
    const { body } = await heir.session.get(`/api/v1/conversations/${conversationId}`).expect(200);
    expect(body.handedOverFrom).toBe('退職 花子');
    const { body: taken } = await heir.session.get(`/api/v1/templates/${template.id}`).expect(200);
    expect(taken).toMatchObject({ handedOverFrom: '退職 花子', canChange: true });

    await page.getByRole('tab', { name: '引き継ぎの記録' }).click();
    await expectFit(page, 'handovers');
    await page.getByRole('button', { name: '退職 花子さんの会話などの引き継ぎを取り消す' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '取り消す' }).click();
    await page.getByText('会話1件、一括処理0件、テンプレート1件を戻しました。').waitFor();
    await heir.session.get(`/api/v1/conversations/${conversationId}`).expect(404);
    expect(window.faults).toEqual([]);
  });

  it('has the rule of the network changed', async () => {
    await using window = await adminWindow();
    const { page } = window;
    await page.goto('/admin/transfers');
    await page.getByRole('tab', { name: '残された会話など' }).click();
    await page.getByRole('button', { name: '扱いを変更' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('残された会話・一括処理・テンプレートの扱い').selectOption('manager');
    await dialog.getByLabel('日数').fill('3');
    await dialog.getByRole('button', { name: '変更する' }).click();
    await dialog.getByText('7から365までの数字を入力してください。').waitFor();
    await dialog.getByLabel('日数').fill('14');
    await dialog.getByRole('button', { name: '変更する' }).click();
    await page.getByText(/利用を終えてから14日後に、最後の所属の所属長/).waitFor();
  });

  it('ties a member to a subject of the identity provider by hand, and unties', async () => {
    const tied = await member('renkei', '連携 次郎');
    const wish = { kind: 'saml', name: '庁内認証' };
    await city.admin.post('/api/v1/identity-providers', wish).expect(201);
    await using window = await adminWindow();
    const { page } = window;
    await page.goto('/admin/sign-in');
    await page.getByRole('link', { name: '庁内認証と職員の対応付け' }).click();
    await page.getByText('対応付けられた職員はまだいません。').waitFor();
    await page.getByLabel('氏名またはログインIDで検索').fill('renkei');
    await page.getByRole('button', { name: '連携 次郎さんを対応付ける' }).click();
    await page.getByRole('dialog').getByLabel('認証基盤での識別子').fill('S-0815');
    await page.getByRole('dialog').getByRole('button', { name: '対応付ける' }).click();
    const linked = page.getByRole('table', { name: '対応付けられた職員' });
    await linked.getByRole('row', { name: /連携 次郎.*S-0815/ }).waitFor();
    await expectFit(page, 'linked members');
    await page.getByRole('button', { name: '連携 次郎さんの対応付けを解除する' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '解除する' }).click();
    await page.getByText('対応付けられた職員はまだいません。').waitFor();
    // Whoever came as the wrong person is out
    await tied.session.get('/api/v1/me').expect(401);
  });
});
