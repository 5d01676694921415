import { expect, test } from 'vitest';
import { safePath } from './safe-path.ts';

test('after sign-in a person returns to a page of this site', () => {
  expect(safePath('/admin/usage?from=2026-04-01')).toBe('/admin/usage?from=2026-04-01');
});

// Whatever else can be spelt: apps/api/src/sso/return-path.spec.ts
test.each(['//evil.example', '/\\evil.example', '/\t/evil.example', 'http://evil.example', '/api/v1/me', '', null])(
  'and never to %j',
  (next) => {
    expect(safePath(next)).toBeNull();
  },
);
