import type { Query, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from '#libs/api-client';

const AFTER_MS = 15_000;

/**
 * What could not be read because the service was away for a moment is asked for again while it is looked at, until it is
 * there: nobody has to press for it. A part of the time is drawn, so that a city hall does not ask all at once.
 */
export function createAskAgain(client: () => QueryClient) {
  const waiting = new WeakSet<Query<unknown, unknown, unknown>>();
  return (error: Error, query: Query<unknown, unknown, unknown>): void => {
    if (!(error instanceof ApiProblem) || !error.isTransient || waiting.has(query)) return;
    waiting.add(query);
    setTimeout(
      () => {
        waiting.delete(query);
        void client().refetchQueries({
          type: 'active',
          predicate: ({ queryHash, state }) => queryHash === query.queryHash && state.status === 'error',
        });
      },
      AFTER_MS * (1 + Math.random() / 2),
    );
  };
}
