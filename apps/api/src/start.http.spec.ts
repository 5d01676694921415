import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiProcess } from '../test/api-process.ts';
import { type TestApi, createTestApi } from '../test/test-api.ts';

let api: TestApi;
beforeAll(async () => void (api = await createTestApi()));
afterAll(() => api[Symbol.asyncDispose]());

it.each([
  ['where it cannot listen', 'ADDRESS_UNUSABLE', '192.0.2.1', { API_HOST: '192.0.2.1' }],
  ['with what setting it cannot', 'CONFIGURATION_INVALID', 'API_PORT: ', { API_PORT: 'eighty' }],
])('an api that cannot start says in one line %s, and ends with 1', async (_where, code, at, environment) => {
  const child = ApiProcess.spawn(api, environment);
  const [said, [exitCode]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(said).toMatch(new RegExp(`^起動できませんでした \\[START\\.${code}\\] .*\n$`, 'u'));
  expect(said).toContain(at);
  expect(exitCode).toBe(1);
});
