import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESKTOP, type WindowSize } from './browser.ts';

const SIZES: Record<string, WindowSize> = {
  'on a desktop': DESKTOP,
  // What a window of 1280 px is to the page at this zoom
  'at 200 % zoom': { width: 640, height: 400 },
  'in a window of 400 px': { width: 400, height: 800 },
};

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** A4 upright at 96 px an inch, but for margins of a centimetre. */
const PAPER: WindowSize = { width: 718, height: 1047 };

/** On paper no column is cut off, no figure broken, and nothing is printed that can only be pressed. */
export async function expectPrints(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize(PAPER);
  const found = await page.evaluate(() => {
    const paper = document.documentElement.clientWidth;
    const isPrinted = (element: HTMLElement) => element.offsetParent !== null;
    const linesOf = (cell: HTMLElement) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map(({ top }) => Math.round(top))).size;
    };
    const cells = [...document.querySelectorAll<HTMLElement>('td, th')].filter(isPrinted);
    const figures = cells.filter((cell) => /^[￥¥]?[\d,.]+$/.test(cell.innerText.trim()));
    return {
      cut: cells.filter((cell) => cell.getBoundingClientRect().right > paper + 1).map((cell) => cell.innerText),
      broken: figures.filter((cell) => linesOf(cell) > 1).map((cell) => cell.innerText),
      pressed: [...document.querySelectorAll('button')].filter(isPrinted).length,
    };
  });
  expect({ what, ...found }).toEqual({ what, cut: [], broken: [], pressed: 0 });
  await page.emulateMedia({ media: null });
  await page.setViewportSize(DESKTOP);
}

/** At every size: no rule of WCAG 2.2 AA broken, and nothing to scroll sideways for. */
export async function expectFit(page: Page, what: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    // No page of ours holds a frame: axe need not open a window of its own to look into them
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
    );
    const overflow = await page.evaluate(() =>
      Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    );
    expect({ what, size, found, overflow }).toEqual({ what, size, found: [], overflow: 0 });
  }
  await page.setViewportSize(DESKTOP);
}
