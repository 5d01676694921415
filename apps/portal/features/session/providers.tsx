'use client';

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import type { Locale, Messages } from '../../i18n/messages.ts';
import { createAskAgain } from './ask-again.ts';
import { SESSION_KEYS } from './use-session.ts';

const MAX_RETRIES = 2;

/**
 * A session that ended while the page was open shows itself as a 401 of any call. Asking "who am I" again is enough:
 * the session gate sees that answer and leads to sign-in.
 */
function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiProblem && error.status === 401) {
      for (const queryKey of SESSION_KEYS) void client.invalidateQueries({ queryKey, refetchType: 'active' });
    }
  };
  const askAgain = createAskAgain(() => client);
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        askAgain(error, query);
        if (!SESSION_KEYS.some(([key]) => key === query.queryKey[0])) onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // A browser on a closed network may take itself for offline: what can be reached is found out by asking
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        retry: (failures, error) => failures < MAX_RETRIES && error instanceof ApiProblem && error.isTransient,
      },
    },
  });
  return client;
}

interface ProvidersProps {
  locale: Locale;
  messages: Messages;
  children: ReactNode;
}

export function Providers({ locale, messages, children }: ProvidersProps) {
  const [client] = useState(createQueryClient);
  return (
    <IntlProvider locale={locale} messages={messages} timeZone="Asia/Tokyo">
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </IntlProvider>
  );
}
