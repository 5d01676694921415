'use client';

import { useEffect, useState } from 'react';

/** `lost`: nobody can say whether the access still lasts, so nothing is shown until somebody can. */
export type Opening = 'connecting' | 'open' | 'lost' | 'ended';

/** Whether an access lasts at this moment, as the API tells it while it does. */
export function useOpenAccess(id: string, wanted: boolean): Opening {
  const [opening, setOpening] = useState<Opening>('connecting');
  useEffect(() => {
    if (!wanted) return undefined;
    const source = new EventSource(`/api/ops/v1/content-accesses/${id}/events`);
    source.addEventListener('open', () => setOpening('open'));
    source.addEventListener('ended', () => {
      source.close();
      setOpening('ended');
    });
    source.addEventListener('error', () => setOpening(source.readyState === EventSource.CLOSED ? 'ended' : 'lost'));
    return () => source.close();
  }, [id, wanted]);
  return opening;
}
