'use client';

import { useQuery } from '@tanstack/react-query';
import { unwrap } from '#libs/api-client';
import { fiscalYear, jstMonth } from '../../i18n/jst.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';

export const CONTRACTS_KEY = ['contracts'] as const;
export const PLANS_KEY = ['plans'] as const;
export const COUNCILS_KEY = ['councils'] as const;

/** Refusals of terms that are the fault of their first day. */
export const VALID_FROM_CODES = ['CONTRACTS.NOT_IN_FUTURE', 'CONTRACTS.START_TAKEN', 'CONTRACTS.DATES_INVALID'];

export const useContract = (id: string) =>
  useQuery({
    queryKey: [...CONTRACTS_KEY, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/contracts/{id}', { params: { path: { id } }, signal })),
  });

export const usePlans = () =>
  useQuery({
    queryKey: PLANS_KEY,
    queryFn: ({ signal }) => unwrap(api.GET('/api/finance/v1/plans', { signal })),
  });

export const useCouncils = (year: number) =>
  useQuery({
    queryKey: [...COUNCILS_KEY, year],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/finance/v1/councils', { params: { query: { fiscalYear: year } }, signal })),
  });

/** The month a contract of the year would be missing in: now, or from April on. */
export const monthToLookAt = (year: number): string => (year === fiscalYear() ? jstMonth() : `${year}-04`);

/** Active cities without a contract in force for the month. */
export const useCitiesWithout = (month: string) =>
  useQuery({
    queryKey: [...CONTRACTS_KEY, 'missing', month],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/finance/v1/contracts/missing-cities', { params: { query: { month } }, signal })),
  });

/** What the person may do here. Nobody approves what they proposed. */
export function useContractRights() {
  const me = useVendorMe().data;
  return {
    mayWrite: me !== undefined && can(me, 'contract:write'),
    mayApprove: (proposer: string) => me !== undefined && can(me, 'contract:approve') && me.vendorUser.id !== proposer,
  };
}
