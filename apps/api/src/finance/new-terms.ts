import { z } from 'zod';
import type { NewTerms, PlanCatalogue } from '#libs/billing';
import type { CrossTenantTransaction } from '#libs/database';
import { agreedTerms, readTerms } from '../http/contract-schemas.ts';

/** A plan's terms as they are on offer, or terms agreed with one city alone. */
export const newTerms = z.union([z.strictObject({ planId: z.uuid() }), agreedTerms]);

/** @throws DomainError CONTRACTS.PLAN_UNKNOWN */
export async function termsFrom(
  tx: CrossTenantTransaction,
  plans: PlanCatalogue,
  terms: z.infer<typeof newTerms>,
): Promise<NewTerms> {
  if (!('planId' in terms)) return { planId: null, agreed: readTerms(terms) };
  return { planId: terms.planId, agreed: (await plans.onOffer(tx, terms.planId)).terms };
}
