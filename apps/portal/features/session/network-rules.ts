'use client';

import { createContext, use } from 'react';
import type { Me } from '#libs/api-client';

const EVERYTHING: Me['policy'] = {
  attachments: true,
  takeOut: { copy: true, download: true, export: true },
  retentionDays: null,
};

/** What the city lets its people do on this network; outside of a city's pages nothing is held back. */
export const NetworkRules = createContext(EVERYTHING);

/** Hides what would be refused. It guards nothing but the copy button, which nothing could guard. */
export const useNetworkRules = (): Me['policy'] => use(NetworkRules);
