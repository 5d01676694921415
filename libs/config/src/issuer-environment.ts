import { z } from 'zod';
import { isInvoiceRegistrationNumber } from '#libs/kernel';

const words = z.string().trim().min(1).max(200).optional();

const REQUIRED = ['ISSUER_NAME', 'ISSUER_REGISTRATION_NUMBER', 'ISSUER_POSTAL_CODE', 'ISSUER_ADDRESS'] as const;

/**
 * Who issues invoices: what a qualified invoice says of its issuer. With all of it unset months close and drafts are made,
 * and nothing can be issued.
 */
export const issuerEnvironment = z
  .object({
    ISSUER_NAME: words,
    ISSUER_REGISTRATION_NUMBER: z
      .string()
      .refine(isInvoiceRegistrationNumber, 'is T and the 13 digits of a 法人番号 with its right check digit')
      .optional(),
    ISSUER_POSTAL_CODE: z
      .string()
      .regex(/^\d{3}-\d{4}$/, 'is like 100-0001')
      .optional(),
    ISSUER_ADDRESS: words,
    ISSUER_CONTACT: words,
    ISSUER_BANK_ACCOUNT: words,
  })
  .transform((env, context) => {
    const missing = REQUIRED.filter((name) => env[name] === undefined);
    if (missing.length === REQUIRED.length) return null;
    for (const name of missing)
      context.addIssue({ code: 'custom', path: [name], message: 'is missing beside the others' });
    return {
      name: env.ISSUER_NAME ?? '',
      registrationNumber: env.ISSUER_REGISTRATION_NUMBER ?? '',
      postalCode: env.ISSUER_POSTAL_CODE ?? '',
      address: env.ISSUER_ADDRESS ?? '',
      contact: env.ISSUER_CONTACT ?? null,
      bankAccount: env.ISSUER_BANK_ACCOUNT ?? null,
    };
  });

/** Null where nobody is set up to issue. */
export type IssuerConfig = z.output<typeof issuerEnvironment>;
