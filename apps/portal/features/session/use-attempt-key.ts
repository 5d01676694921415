'use client';

import { useRef } from 'react';

const KEY_BYTES = 16;

/** What is sent again after no answer came carries the same Idempotency-Key, so that it never happens twice. */
export function useAttemptKey() {
  const held = useRef<{ content: string; key: string } | null>(null);
  return {
    keyOf: (content: object): string => {
      const text = JSON.stringify(content);
      if (held.current?.content !== text) held.current = { content: text, key: randomKey() };
      return held.current.key;
    },
    spend: () => {
      held.current = null;
    },
  };
}

/** Not crypto.randomUUID: that one wants a secure context, and a closed network is often plain HTTP. */
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('');
