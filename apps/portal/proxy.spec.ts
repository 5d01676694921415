import { NextRequest } from 'next/server';
import { expect, test } from 'vitest';
import { proxy } from './proxy.ts';

const visit = (path: string, listener: string) =>
  proxy(new NextRequest(`http://127.0.0.1:3000${path}`, { headers: { 'x-moyai-ingress': `${listener}.0.00` } }));

const policyOf = (response: Response) =>
  new Map(
    response.headers
      .get('content-security-policy')
      ?.split('; ')
      .map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources];
      }),
  );

test('a page may load from, and send to, its own origin alone', () => {
  const policy = policyOf(visit('/', 'lgwan'));
  const own = ["'self'", "'none'", "'strict-dynamic'", 'data:'];
  const foreign = [...policy.values()]
    .flat()
    .filter((source) => !own.includes(source) && !source.startsWith("'nonce-"));
  expect(foreign).toEqual([]);
  expect([...policy.keys()]).toEqual(
    expect.arrayContaining(['default-src', 'connect-src', 'form-action', 'base-uri', 'frame-ancestors', 'object-src']),
  );
});

test('no two answers share a nonce', () => {
  const nonce = () => policyOf(visit('/', 'lgwan')).get('script-src')?.[1];
  expect(nonce()).not.toBe(nonce());
});

test("the vendor's first page is its own; a city's is the chat", () => {
  expect(visit('/', 'vendor').headers.get('location')).toMatch(/\/ops$/);
  expect(visit('/', 'lgwan').headers.get('location')).toBeNull();
});
