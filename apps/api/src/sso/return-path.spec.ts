import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#libs/testing';
import { safePath } from '../../../portal/features/session/safe-path.ts';
import { returnPath } from './return-path.ts';

const HERE = 'https://moyai.example.lg.jp';

/** What redirects and routers are fooled with, in any order. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['/', '//', '\\', '/\\', '.', '..', '/./', '/../', '@', ':', '?', '#', ';', '%', 'https:', 'javascript:'],
        ...['%2f', '%2F%2f', '%5c', '%5C', '%09', '%0d%0a', '%00', '%252f', '%2e%2e', '\t', '\n', '\r', '\0', '\u00a0'],
        ...['evil.example', '//evil.example', '\u2215', '\uff0f', '\u3002', 'api', '/api/v1/me', 'admin', 'usage'],
      ),
      fc.string({ maxLength: 3, unit: 'binary' }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const decodedOnce = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

describe('the page somebody returns to', () => {
  it.each([
    '/',
    '/batches',
    '/admin/usage?from=2026-04-01&to=2026-04-30',
    '/?conversation=0199d0f2-7a7e-7cc1-9c39-2f6a1d6e3b11',
    '/admin/members?q=%E5%B1%B1%E7%94%B0+%E8%8A%B1%E5%AD%90',
    '/ops/cities/0199d0f2-7a7e-7cc1-9c39-2f6a1d6e3b11',
  ])('is %s as it was', (page) => expect(returnPath(page)).toBe(page));

  it.each([
    ...['', 'admin', 'https://evil.example', 'javascript:alert(1)', '//evil.example', '/\\evil.example', '\\\\evil'],
    ...['/\t/evil.example', '/\n/evil.example', ' //evil.example', '/.//evil.example', '/..//evil.example'],
    ...['/%2f/evil.example', '/%5cevil.example', '/admin//evil', '/admin/../..//evil', '/admin#//evil', '/a\0b'],
    ...['/api/v1/sso/x/callback?code=1', '/api', '/api?x', `/${'a'.repeat(1_000)}`],
  ])('is never %j', (text) => expect(returnPath(text)).toBeNull());

  it('is on this origin, however often and by whomever it is read, and no other page than it says', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map((text) => `/${text}`),
        ),
        (text) => {
          const page = returnPath(text);
          expect(safePath(text)).toBe(page);
          if (page === null) return;
          const url = new URL(page, HERE);
          expect(url.origin).toBe(HERE);
          expect(url.pathname + url.search).toBe(page);
          // As text of a Location header, and as a path that some proxy has decoded once more.
          expect(page).not.toMatch(/[^!-~]|\\|^\/\//);
          expect(new URL(decodedOnce(url.pathname), HERE).origin).toBe(HERE);
          expect(new URL(url.pathname, 'https://elsewhere.example').pathname).toBe(url.pathname);
          expect(url.pathname.startsWith('/api/')).toBe(false);
        },
      ),
      { numRuns: propertyRuns(20_000) },
    );
  });

  it('is kept where it is made of names and a query alone', () => {
    const name = fc.stringMatching(/^[\w~-][\w.~-]{0,11}$/);
    const query = fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.string({ maxLength: 8 }), { maxKeys: 4 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), query, (names, values) => {
        fc.pre(names[0] !== 'api');
        const search = new URLSearchParams(values).toString();
        const page = `/${names.join('/')}${search && `?${search}`}`;
        expect([returnPath(page), safePath(page)]).toEqual([page, page]);
      }),
      { numRuns: propertyRuns(2_000) },
    );
  });
});
