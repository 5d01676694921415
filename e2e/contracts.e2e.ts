import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectFit } from './support/fit.ts';
import { onboardCity, signInVendor, visitor } from './support/people.ts';

const { origins } = runningStack();

const DAY_MS = 86_400_000;
/** The day in Japan, so many days from now. */
const inDays = (days: number): string =>
  new Date(Date.now() + days * DAY_MS).toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' });

const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

describe('contracts', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function vendorWindow(role: 'finance' | 'approver', path: string) {
    const window = await openWindow(browser, origins.vendor);
    await carrySession(window.context, origins.vendor, (await signInVendor(role)).headers.cookie!);
    await window.page.goto(path);
    return window;
  }

  it('are written down by one person under a plan, approved by another, and tried on a month of use', async () => {
    const city = await onboardCity('契約市');
    await using preparing = await vendorWindow('finance', '/finance/contracts');
    const { page } = preparing;
    await page.getByText('契約がない団体').waitFor();

    await page.getByRole('tab', { name: 'プラン' }).click();
    await press(page, 'プランを追加');
    const plan = dialog(page, 'プランを追加');
    await plan.getByLabel('プランコード').fill(`plan-${city.code}`);
    await plan.getByLabel('プラン名').fill('試験プラン');
    await plan.getByLabel('基本料金（円／月、税抜）').fill('300000');
    await plan.getByLabel('基本料金に含む量（月）').fill('10000000');
    await plan.getByLabel('単価または加算率').fill('-1200');
    await press(page, '追加');
    await plan.getByText('0以上の数を半角で入力してください。').waitFor();
    await plan.getByLabel('単価または加算率').fill('1200');
    await press(page, '追加');
    await page
      .getByRole('row')
      .filter({ hasText: `plan-${city.code}` })
      .getByText('100万トークンあたり1,200円')
      .waitFor();

    await page.getByRole('tab', { name: '契約', exact: true }).click();
    await press(page, '契約を登録');
    const form = dialog(page, '契約を登録');
    await form.getByLabel('団体名').selectOption({ label: `${city.code} 契約市` });
    await form.getByLabel('プラン', { exact: true }).selectOption({ label: `試験プラン（plan-${city.code}）` });
    await form.getByLabel('請求先').fill('契約市長');
    await form.getByRole('button', { name: '申請' }).click();
    await page.getByRole('heading', { name: '生成AIサービス利用契約', level: 1 }).waitFor();
    const first = page.getByRole('table', { name: '契約の条件' }).getByRole('row').nth(1);
    await first.getByText('承認待ち').waitFor();
    expect(await first.getByRole('button', { name: /を承認$/ }).count()).toBe(0);

    await using approving = await vendorWindow('approver', new URL(page.url()).pathname);
    await approving.page.getByRole('button', { name: /を承認$/ }).click();
    const question = approving.page.getByRole('dialog');
    await question.getByText('300,000円').waitFor();
    await question.getByRole('button', { name: '承認', exact: true }).click();
    await approving.page.getByText('契約中').waitFor();

    await page.reload();
    await page.getByLabel('入力トークン').fill('15000000');
    await press(page, '試算する');
    await page.getByText('合計 336,600円（税抜 306,000円、消費税 30,600円）').waitFor();
    expect([...preparing.faults, ...approving.faults]).toEqual([]);

    await using admin = await openWindow(browser, origins.lgwan);
    await carrySession(admin.context, origins.lgwan, city.admin.headers.cookie!);
    await admin.page.goto('/admin/budget');
    await admin.page.getByRole('table', { name: '契約の条件' }).getByText('試験プラン').waitFor();
  });

  it('are agreed with one city alone, each wrong field named, and change on a day that a second person approves', async () => {
    const city = await onboardCity('個別市');
    await using preparing = await vendorWindow('finance', '/finance/contracts');
    const { page } = preparing;
    await press(page, '契約を登録');
    const form = dialog(page, '契約を登録');
    await form.getByLabel('団体名').selectOption({ label: `${city.code} 個別市` });
    await form.getByLabel('プラン', { exact: true }).selectOption({ label: '個別の条件（次の画面で入力）' });
    await form.getByLabel('請求先').fill('個別市長');
    await form.getByRole('button', { name: '申請' }).click();
    const terms = dialog(page, '個別の条件');
    await terms.getByLabel('基本料金（円／月、税抜）').fill('250000');
    await terms.getByLabel('単位', { exact: true }).selectOption({ label: '文字' });
    await terms.getByLabel('数える対象').selectOption({ label: '入力・出力・キャッシュ' });
    await terms.getByLabel('基本料金に含む量（月）').fill('5000000');
    await terms.getByLabel('単価または加算率').fill('900');
    await terms.getByLabel('固定する為替').fill('150');
    await press(page, '申請');
    await terms.getByText('為替を固定できるのは、実費に加算する場合だけです。').waitFor();
    await terms.getByLabel('固定する為替').fill('');
    await press(page, '申請');
    await terms.locator('select[name=counts][aria-invalid=true]').waitFor();
    await expectFit(page, '個別の条件');
    await terms.getByLabel('数える対象').selectOption({ label: '入力と出力' });
    await press(page, '申請');
    await page.getByRole('heading', { name: '生成AIサービス利用契約', level: 1 }).waitFor();

    const approve = async () => {
      await using approving = await vendorWindow('approver', new URL(page.url()).pathname);
      await approving.page.getByRole('button', { name: /を承認$/ }).click();
      const compared = await approving.page.getByRole('dialog').getByRole('table').innerText();
      await approving.page.getByRole('dialog').getByRole('button', { name: '承認', exact: true }).click();
      await approving.page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(approving.faults).toEqual([]);
      return compared;
    };
    expect(await approve()).not.toContain('直前の条件');
    await page.reload();
    await press(page, '個別の条件を申請');
    const other = dialog(page, '個別の条件を申請');
    await other.getByLabel('適用開始日').fill(inDays(0));
    await other.getByLabel('基本料金（円／月、税抜）').fill('200000');
    await press(page, '申請');
    await other.locator('input[name=validFrom][aria-invalid=true]').waitFor();
    await other.getByLabel('適用開始日').fill(inDays(1));
    await press(page, '申請');
    await page.getByText('承認待ち').waitFor();
    const compared = await approve();
    for (const words of ['直前の条件', '250,000円', '200,000円']) expect(compared).toContain(words);
    await page.reload();
    const rows = page.getByRole('table', { name: '契約の条件' }).getByRole('row');
    await rows
      .filter({ hasText: '200,000円' })
      .getByText(/^承認 /)
      .waitFor();
    expect(await rows.filter({ hasText: '個別の条件' }).count()).toBe(2);
    // The two refusals are answers of the API that the browser writes down too
    expect(preparing.faults.filter((fault) => !/42[0-9]|409/.test(fault))).toEqual([]);
  }, 120_000);

  it('of a council come after it, and its fee is split as agreed', async () => {
    const city = await onboardCity('協議会市');
    await using preparing = await vendorWindow('finance', '/finance/contracts');
    const { page } = preparing;
    await page.getByRole('tab', { name: '協議会' }).click();
    await press(page, '協議会を登録');
    const form = dialog(page, '協議会を登録');
    await form.getByLabel('協議会', { exact: true }).fill(`協議会${city.code}`);
    await form.getByLabel('協議会の基本料金（月）').fill('100000');
    await form.getByLabel('分け方').selectOption({ label: '取り決めた比' });
    await form.getByLabel('構成団体').selectOption({ label: `${city.code} 協議会市` });
    await form.getByLabel('比', { exact: true }).fill('2.5');
    await form.getByRole('button', { name: '申請' }).click();
    const row = page.getByRole('row').filter({ hasText: `協議会${city.code}` });
    await row.getByText('協議会市（2.5）').waitFor();

    await using approving = await vendorWindow('approver', '/finance/contracts');
    await approving.page.getByRole('tab', { name: '協議会' }).click();
    await press(approving.page, `協議会${city.code}を承認`);
    await approving.page.getByRole('dialog').getByText('協議会市（2.5）').waitFor();
    await approving.page.getByRole('dialog').getByRole('button', { name: '承認', exact: true }).click();
    await approving.page
      .getByRole('row')
      .filter({ hasText: `協議会${city.code}` })
      .getByText('承認済み')
      .waitFor();
    await expectFit(approving.page, '協議会');
  });

  it('are paid from 予算科目 that the city sets for its departments', async () => {
    const city = await onboardCity('科目市');
    await city.admin.post('/api/v1/departments', { code: '01', name: '財政課' }).expect(201);
    await using window = await openWindow(browser, origins.lgwan);
    await carrySession(window.context, origins.lgwan, city.admin.headers.cookie!);
    const { page } = window;
    await page.goto('/admin/departments');
    await press(page, '財政課の予算科目');
    const form = dialog(page, '財政課の予算科目');
    await form.getByLabel('科目コード').fill('02-01-05-13');
    await form.getByLabel('科目名').fill('使用料及び賃借料');
    await form.getByRole('button', { name: '保存' }).click();
    await page.getByRole('row').filter({ hasText: '財政課' }).getByText('使用料及び賃借料').waitFor();
    await expectFit(page, '所属');
    await press(page, '財政課の予算科目');
    await form.getByLabel('科目コード').fill('');
    await form.getByLabel('科目名').fill('');
    await form.getByRole('button', { name: '保存' }).click();
    await page.getByRole('row').filter({ hasText: '財政課' }).getByText('—').waitFor();
  });

  it('fit and are accessible, page and dialog', async () => {
    await using window = await vendorWindow('finance', '/finance/contracts');
    const { page } = window;
    await page.getByRole('table', { name: '契約' }).waitFor();
    await press(page, '契約を登録');
    await dialog(page, '契約を登録').waitFor();
    await expectFit(page, '契約を登録');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: /みなと野市/ }).click();
    await page.getByRole('table', { name: '契約の条件' }).waitFor();
    await expectFit(page, '契約');
    await page.goto('/finance/contracts');
    await page.getByRole('tab', { name: 'プラン' }).click();
    await press(page, 'プランを追加');
    await expectFit(page, 'プランを追加');
    expect(window.faults).toEqual([]);
  });

  it('are no page of a city’s network', async () => {
    await visitor('lgwan').get('/finance/contracts').expect(404);
    await visitor('lgwan').get('/api/finance/v1/contracts').expect(404);
  });
});
