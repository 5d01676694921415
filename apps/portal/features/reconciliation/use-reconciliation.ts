import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useFormatter } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useVendorMe } from '../session/use-session.ts';

export const RECONCILIATION_KEY = ['reconciliation'] as const;

/** A month compared. */
export const useReconciliation = (month: string) =>
  useQuery({
    queryKey: [...RECONCILIATION_KEY, month],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/finance/v1/reconciliations/{month}', { params: { path: { month } }, signal })),
    enabled: month !== '',
    placeholderData: keepPreviousData,
  });

/** Has what was changed shown. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: RECONCILIATION_KEY });
}

/** Who is looking, as far as it decides what is offered. */
export function useAccountant(): { id: string; mayWrite: boolean; mayApprove: boolean } {
  const me = useVendorMe().data;
  return {
    id: me?.vendorUser.id ?? '',
    mayWrite: me ? can(me, 'reconciliation:write') : false,
    mayApprove: me ? can(me, 'reconciliation:approve') : false,
  };
}

/** Exact decimals as people read dollars: cents, and more digits only where they say something. */
export function useUsd(): (usd: string) => string {
  const format = useFormatter();
  return (usd) =>
    format.number(Number(usd), {
      style: 'currency',
      currency: 'USD',
      currencyDisplay: 'code',
      minimumFractionDigits: 2,
      maximumFractionDigits: Math.abs(Number(usd)) < 1 ? 6 : 2,
    });
}
