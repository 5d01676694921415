import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

/** A closed network: Chromium's own calls home would only wait for their timeouts. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    // oxlint-disable-next-line node/no-process-env -- npm test says which browser it found or installed
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: FLAGS,
  });

/** A person's window: nothing in it is shared with another one. */
export interface Window extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses of everything that was asked for, in order. */
  readonly requests: readonly string[];
  /** Errors on the console (a blocked load is one) and those that nobody caught. */
  readonly faults: readonly string[];
}

export interface WindowSize {
  readonly width: number;
  readonly height: number;
}

export const DESKTOP: WindowSize = { width: 1280, height: 800 };

export async function openWindow(browser: Browser, origin: string, viewport = DESKTOP): Promise<Window> {
  const context = await browser.newContext({ baseURL: origin, viewport, locale: 'ja-JP', timezoneId: 'Asia/Tokyo' });
  // A condition that does not come is a defect; how long it takes on a busy machine is not
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const faults: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return { page, context, requests, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** Puts a session that was opened over HTTP into the window. */
export const carrySession = (context: BrowserContext, origin: string, cookies: string): Promise<void> =>
  context.addCookies(
    cookies.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: origin, sameSite: 'Strict', httpOnly: true };
    }),
  );
