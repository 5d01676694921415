import { z } from 'zod';
import {
  type CostReportRecord,
  type CostReportWaiver,
  ENTRY_KINDS,
  REPORT_FORMATS,
  type ReconciliationState,
  TOKEN_KINDS,
  type Variance,
} from '#libs/billing';
import { instant, instantOrNull, instantSchema, monthSchema } from '../http/wire.ts';

/** Dollars as an exact decimal. */
const usd = z.string().regex(/^-?\d+(?:\.\d+)?$/);
const count = z.int().min(0);

export const costReport = z
  .object({
    id: z.uuid(),
    month: monthSchema,
    format: z.enum(REPORT_FORMATS),
    fileName: z.string(),
    sha256: z.string(),
    fileLines: count,
    /** Lines about other services than models, and what they cost. */
    otherLines: count,
    otherUsd: usd,
    taxUsd: usd,
    importedBy: z.string(),
    importedAt: instantSchema,
    /** Set when a later import of the month has taken its place. */
    replacedAt: instantSchema.nullable(),
  })
  .meta({ id: 'CostReport' });

const varianceEntry = z
  .object({
    id: z.uuid(),
    kind: z.enum(ENTRY_KINDS),
    usd,
    explanation: z.string(),
    proposedById: z.uuid(),
    proposedBy: z.string(),
    proposedAt: instantSchema,
    approvedBy: z.string().nullable(),
    approvedAt: instantSchema.nullable(),
  })
  .meta({ id: 'VarianceEntry' });

const variance = z
  .object({
    id: z.uuid(),
    /** Null for lines of the bill that no mapping names. */
    model: z.string().nullable(),
    region: z.string(),
    providerUsd: usd,
    ourUsd: usd,
    differenceUsd: usd,
    /** What no approved entry accounts for. */
    openUsd: usd,
    deployments: z.array(z.object({ id: z.string(), calls: count, unratedCalls: count, tokens: count, usd })),
    entries: z.array(varianceEntry),
  })
  .meta({ id: 'Variance' });

const reportWaiver = z
  .object({
    reason: z.string(),
    proposedById: z.uuid(),
    proposedBy: z.string(),
    proposedAt: instantSchema,
    approvedBy: z.string().nullable(),
    approvedAt: instantSchema.nullable(),
  })
  .meta({ id: 'CostReportWaiver' });

/** A UTC month compared. */
export const reconciliation = z
  .object({
    month: monthSchema,
    /** Real Bedrock deployments were used, so no invoice goes out without the provider's bill. */
    needsReport: z.boolean(),
    report: costReport.nullable(),
    /** Imported after the month was over; before that it is a preview. */
    isReportFinal: z.boolean(),
    waiver: reportWaiver.nullable(),
    providerUsd: usd,
    ourUsd: usd,
    openUsd: usd,
    allowedUsd: usd,
    /** What keeps invoices of the month back; null when nothing does. */
    blockedBy: z.enum(['REPORT_MISSING', 'NOT_SETTLED']).nullable(),
    variances: z.array(variance),
    /** By UTC day, model and region. */
    days: z.array(
      z.object({
        day: z.iso.date(),
        model: z.string().nullable(),
        region: z.string(),
        providerUsd: usd,
        ourUsd: usd,
      }),
    ),
    unmapped: z.array(
      z.object({
        usageType: z.string(),
        productCode: z.string(),
        region: z.string(),
        fileLines: count,
        firstFileLine: count,
        usd,
        /** A guess by its name, to start from. */
        likelyKind: z.enum(TOKEN_KINDS).nullable(),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });

export const usageTypeModel = z
  .strictObject({
    usageType: z.string().trim().min(1).max(255),
    /** Empty: whatever the product. Named where models share a usage type, as those of the marketplace do. */
    productCode: z.string().trim().max(128).default(''),
    model: z.string().trim().min(1).max(128),
    tokenKind: z.enum(TOKEN_KINDS),
  })
  .meta({ id: 'UsageTypeModel' });

export const explanation = z.string().trim().min(1).max(2_000);

export const presentReport = (report: CostReportRecord): z.infer<typeof costReport> => ({
  ...report,
  importedAt: instant(report.importedAt),
  replacedAt: instantOrNull(report.replacedAt),
});

const presentWaiver = (waiver: CostReportWaiver): z.infer<typeof reportWaiver> => ({
  reason: waiver.reason,
  proposedById: waiver.proposedBy,
  proposedBy: waiver.proposedByName,
  proposedAt: instant(waiver.proposedAt),
  approvedBy: waiver.approvedByName,
  approvedAt: instantOrNull(waiver.approvedAt),
});

export const presentState = ({ report, waiver, ...state }: ReconciliationState) => ({
  ...state,
  report: report && presentReport(report),
  waiver: waiver && presentWaiver(waiver),
});

export const presentVariance = ({ deployments, entries, ...figures }: Variance): z.infer<typeof variance> => ({
  ...figures,
  deployments: [...deployments],
  entries: [...entries],
});
