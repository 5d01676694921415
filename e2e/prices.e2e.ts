import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { carrySession, launchBrowser, openWindow } from './support/browser.ts';
import { expectPrints } from './support/fit.ts';
import { signInVendor, visitor } from './support/people.ts';

const { origins } = runningStack();
const MODEL = 'city-hall-box';
const FIRST_DAY = '2099-04-01';

describe('prices', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  async function vendorWindow(role: 'finance' | 'approver') {
    const window = await openWindow(browser, origins.vendor);
    await carrySession(window.context, origins.vendor, (await signInVendor(role)).headers.cookie!);
    await window.page.goto('/finance/prices');
    await window.page.getByRole('table', { name: '料金' }).waitFor();
    return window;
  }

  it('are proposed by one person, approved by another, and then read by everybody', async () => {
    await using preparing = await vendorWindow('finance');
    const { page } = preparing;
    await page.getByRole('button', { name: '料金を申請' }).click();
    const form = page.getByRole('dialog', { name: '料金を申請' });
    await form.getByLabel('モデル', { exact: true }).selectOption({ label: '一覧にない新しいモデル' });
    await form.getByLabel('新しいモデルの名前').fill(MODEL);
    await form.getByLabel('適用開始日').fill(FIRST_DAY);
    await form.getByLabel('通貨').selectOption({ label: '円' });
    for (const [kind, amount] of Object.entries({ 入力: '-5', 出力: '120', キャッシュ読取: '4', キャッシュ書込: '50' }))
      await form.getByLabel(`${kind}（100万トークンあたり）`).fill(amount);
    await form.getByLabel('出典').fill('庁内サーバーの費用の試算（令和81年3月）');
    await form.getByRole('button', { name: '申請' }).click();
    await form.getByText('0以上の数を、小数は6桁までで入力してください。').waitFor();
    await form.getByLabel('入力（100万トークンあたり）').fill('40.5');
    await form.getByRole('button', { name: '申請' }).click();
    const proposed = page.getByRole('row').filter({ hasText: MODEL });
    await proposed.getByText('承認待ち').waitFor();
    expect(await proposed.getByRole('button', { name: `${MODEL} 2099/04/01を承認` }).count()).toBe(0);

    await using approving = await vendorWindow('approver');
    expect(await approving.page.getByRole('button', { name: '料金を申請' }).count()).toBe(0);
    await approving.page.getByRole('button', { name: `${MODEL} 2099/04/01を承認` }).click();
    const question = approving.page.getByRole('dialog', { name: '内容を確かめて承認' });
    await question.getByText('40.5円').waitFor();
    await question.getByRole('button', { name: '承認', exact: true }).click();
    await approving.page.getByText('承認しました。').waitFor();
    await approving.page.getByRole('row').filter({ hasText: MODEL }).getByText('適用前').waitFor();

    const { body } = await visitor('my_number').get('/api/v1/prices').expect(200);
    expect(body.future).toContainEqual(expect.objectContaining({ model: MODEL, input: '40.5', validFrom: FIRST_DAY }));
    await using reading = await openWindow(browser, origins.lgwan);
    await reading.page.goto('/prices');
    await reading.page.getByRole('table', { name: '料金表' }).getByText('Claude Sonnet 4.6').waitFor();
    await expectPrints(reading.page, '料金表');
    await reading.page.getByRole('table', { name: '今後の料金' }).getByText(MODEL).waitFor();
    expect([...preparing.faults, ...approving.faults, ...reading.faults]).toEqual([]);
  });

  it('in dollars come with the course of the exchange rate', async () => {
    await using window = await vendorWindow('approver');
    const { page } = window;
    await page.getByRole('tab', { name: '料金' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('table', { name: '為替' }).getByText('適用中').waitFor();
    await page
      .getByRole('img', { name: /^ドル円レートの推移のグラフ/ })
      .locator('svg')
      .first()
      .waitFor();
  });

  it('exist on no vendor page of a city’s network, nor the list on the vendor’s', async () => {
    await visitor('lgwan').get('/finance/prices').expect(404);
    await visitor('vendor').get('/prices').expect(404);
    await visitor('vendor').get('/api/v1/prices').expect(404);
  });
});
