'use client';

import { useEffect, useState } from 'react';

/**
 * Text kept for this tab until sign-out (Shell empties the session storage): a reload or an expired session loses no
 * work, and the next person at a shared PC finds none.
 */
export function useDraft(name: string): [string, (text: string) => void] {
  const key = `moyai.draft.${name}`;
  const [text, setText] = useState('');
  // Read after the first paint, because the server has no session storage to render from
  useEffect(() => setText(sessionStorage.getItem(key) ?? ''), [key]);
  const keep = (next: string) => {
    setText(next);
    if (next) sessionStorage.setItem(key, next);
    else sessionStorage.removeItem(key);
  };
  return [text, keep];
}
