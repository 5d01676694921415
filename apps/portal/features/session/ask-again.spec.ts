import { QueryCache, QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiProblem } from '#libs/api-client';
import { createAskAgain } from './ask-again.ts';

const LONG_ENOUGH_MS = 30_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const problem = (status: number) => new ApiProblem({ title: '', status, code: 'SYSTEM.UNAVAILABLE' });

/** A query that fails as many times and then succeeds, with somebody looking at it. */
function look(failure: ApiProblem, times: number) {
  const askAgain = createAskAgain(() => client);
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: askAgain }),
    defaultOptions: { queries: { retry: false, networkMode: 'always' } },
  });
  const asked = vi.fn<() => Promise<string>>();
  for (let time = 0; time < times; time += 1) asked.mockRejectedValueOnce(failure);
  asked.mockResolvedValue('read');
  const observer = new QueryObserver(client, { queryKey: ['list'], queryFn: asked });
  const leave = observer.subscribe(() => {});
  return { asked, leave, state: () => observer.getCurrentResult().data };
}

test('what was away is asked for again until it is there', async () => {
  const { asked, state } = look(problem(503), 2);
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS);
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS);
  expect(state()).toBe('read');
  expect(asked).toHaveBeenCalledTimes(3);
});

test('what was refused is not asked for again', async () => {
  const { asked } = look(problem(403), 1);
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS);
  expect(asked).toHaveBeenCalledTimes(1);
});

test('what nobody looks at any more is left alone', async () => {
  const { asked, leave } = look(problem(503), 1);
  await vi.advanceTimersByTimeAsync(0);
  leave();
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS);
  expect(asked).toHaveBeenCalledTimes(1);
});
