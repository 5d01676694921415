import { expect, test } from 'vitest';
import { safePath } from './access.ts';

test('after sign-in a person returns to a page of this site', () => {
  expect(safePath('/admin/usage?from=2026-04-01')).toBe('/admin/usage?from=2026-04-01');
});

test.each(['//evil.example', '/\\evil.example', 'http://evil.example', 'javascript:alert(1)', '', null])(
  'and never to %j',
  (next) => {
    expect(safePath(next)).toBeNull();
  },
);
