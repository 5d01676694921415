import { z } from 'zod';
import { CONTRACT_STATES, type ContractEntry, type ContractRecord, type Preview } from '#libs/billing';
import {
  agreedTerms,
  cityReference,
  person,
  presentProposed,
  presentTerms,
  proposed,
} from '../http/contract-schemas.ts';
import { daySchema, instant, instantSchema, monthSchema } from '../http/wire.ts';

const entry = {
  id: z.uuid(),
  city: cityReference,
  fiscalYear: z.int(),
  title: z.string(),
  /** JST days, both included. */
  startsOn: daySchema,
  endsOn: daySchema,
  council: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** `proposed` until a second person approved the first terms. */
  state: z.enum(CONTRACT_STATES),
  /** Terms or an early end are before a second person. */
  awaitsApproval: z.boolean(),
};

export const contractEntry = z.object(entry).meta({ id: 'ContractEntry' });

export const contract = z
  .object({
    ...entry,
    billingName: z.string(),
    billingPostalCode: z.string().nullable(),
    billingAddress: z.string().nullable(),
    /** Who bears the base fee; null: the departments, in proportion to their use. */
    baseFeeDepartmentId: z.uuid().nullable(),
    deletionDays: z.int(),
    createdBy: person,
    createdAt: instantSchema,
    /** In the order they begin. */
    terms: z.array(
      z
        .object({
          validFrom: daySchema,
          plan: z.object({ id: z.uuid(), code: z.string(), name: z.string() }).nullable(),
          terms: agreedTerms,
          ...proposed,
        })
        .meta({ id: 'ContractTerms' }),
    ),
    ending: z.object({ endsOn: daySchema, reason: z.string(), ...proposed }).nullable(),
  })
  .meta({ id: 'Contract' });

export const presentEntry = (one: ContractEntry): z.infer<typeof contractEntry> => ({
  id: one.id,
  city: one.city,
  fiscalYear: one.fiscalYear,
  title: one.title,
  startsOn: one.startsOn,
  endsOn: one.endsOn,
  council: one.council,
  state: one.state,
  awaitsApproval: one.awaitsApproval,
});

export const presentContract = (one: ContractRecord): z.infer<typeof contract> => ({
  ...presentEntry(one),
  billingName: one.billingName,
  billingPostalCode: one.billingPostalCode,
  billingAddress: one.billingAddress,
  baseFeeDepartmentId: one.baseFeeDepartmentId,
  deletionDays: one.deletionDays,
  createdBy: one.createdBy,
  createdAt: instant(one.createdAt),
  terms: one.terms.map(({ validFrom, plan, terms, ...decision }) => ({
    validFrom,
    plan,
    terms: presentTerms(terms),
    ...presentProposed(decision),
  })),
  ending: one.ending && {
    endsOn: one.ending.endsOn,
    reason: one.ending.reason,
    ...presentProposed(one.ending),
  },
});

export const chargePreview = z
  .object({
    month: monthSchema,
    lines: z.array(
      z.object({
        description: z.string(),
        quantity: z.string().nullable(),
        unit: z.string().nullable(),
        unitPriceJpy: z.string().nullable(),
        amountJpy: z.int(),
      }),
    ),
    subtotalJpy: z.int(),
    taxJpy: z.int(),
    totalJpy: z.int(),
  })
  .meta({ id: 'ChargePreview' });

export const presentPreview = ({ lines, ...sums }: Preview): z.infer<typeof chargePreview> => ({
  ...sums,
  lines: lines.map(({ description, quantity, unit, unitPriceJpy, amountJpy }) => ({
    description,
    quantity: quantity?.toFixed() ?? null,
    unit,
    unitPriceJpy: unitPriceJpy?.toFixed() ?? null,
    amountJpy,
  })),
});
