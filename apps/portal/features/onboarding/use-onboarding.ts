'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Onboarding, type OnboardingDraft, unwrap } from '#libs/api-client';
import { api } from '../session/api.ts';

export const ONBOARDINGS_KEY = ['onboardings'] as const;

/** A draft being worked on: what is typed, what the API said of it last, and how it is kept. */
export interface Editing {
  draft: OnboardingDraft;
  /** What is wrong at a place, once the place was answered; or at any, when `always`. */
  faultAt: (pointer: string, always?: boolean) => string | undefined;
  faults: Onboarding['faults'];
  set: (change: Partial<OnboardingDraft>) => void;
  /** Keeps the answers. */
  save: () => Promise<Onboarding>;
  isSaving: boolean;
  problem: Error | null;
}

export const useOnboardings = () =>
  useQuery({
    queryKey: ONBOARDINGS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/onboardings', { signal })),
  });

export const useOnboarding = (id: string) =>
  useQuery({
    queryKey: [...ONBOARDINGS_KEY, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/onboardings/{id}', { params: { path: { id } }, signal })),
    // What is typed must not be overtaken by what was kept
    staleTime: Infinity,
  });

export function useEditing(kept: Onboarding): Editing {
  const client = useQueryClient();
  const [draft, setDraft] = useState(kept.draft);
  const { id } = kept;
  const store = useMutation({
    mutationFn: (body: OnboardingDraft) =>
      unwrap(api.PUT('/api/ops/v1/onboardings/{id}', { params: { path: { id } }, body })),
    onSuccess: (saved) => client.setQueryData([...ONBOARDINGS_KEY, id], saved),
  });
  // The list beside may be looked at next
  useEffect(() => () => void client.invalidateQueries({ queryKey: ONBOARDINGS_KEY, exact: true }), [client]);
  return {
    draft,
    faults: kept.faults,
    faultAt: (pointer, always = false) =>
      always || isAnswered(draft, pointer)
        ? kept.faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.message
        : undefined,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    save: () => store.mutateAsync(draft),
    isSaving: store.isPending,
    problem: store.error,
  };
}

function isAnswered(draft: OnboardingDraft, pointer: string): boolean {
  const value = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], draft);
  return value !== undefined && value !== null && value !== '';
}
