import { z } from 'zod';

const unset = z.literal('').transform(() => undefined);
const MAIL_FROM = unset.or(z.email('is a bare address like moyai@example.lg.jp')).optional();
const SMTP_URL = unset.or(z.url({ protocol: /^smtps?$/ })).optional();
const SMTP_CA_FILE = unset.or(z.string()).optional();

const LINK_ORIGIN = /^(my_number|lgwan|internet)=(https?:\/\/[^/\s,=]+)$/;
const MAIL_LINK_ORIGINS = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''))
  .refine((parts) => parts.every((part) => LINK_ORIGIN.test(part)), 'is a list like lgwan=https://moyai.example.lg.jp')
  .transform((parts): MailConfig['origins'] => Object.fromEntries(parts.map((part) => part.split('='))));

export interface MailConfig {
  readonly isOn: boolean;
  /** By network, where the portal's address is known to the vendor: links of mails that no city asked for begin with it. */
  readonly origins?: Readonly<Partial<Record<'my_number' | 'lgwan' | 'internet', string>>>;
}

/** Whether notices are mailed at all: without MAIL_FROM none is ever queued. The relay's password is the worker's alone. */
export const mailEnvironment = z
  .object({ MAIL_FROM, MAIL_LINK_ORIGINS })
  .transform((env): MailConfig => ({ isOn: env.MAIL_FROM !== undefined, origins: env.MAIL_LINK_ORIGINS }));

/**
 * By which relay mails go, and from which address; null: none goes. SMTP_CA_FILE names the one authority whose certificate
 * the relay is to show, instead of the public ones.
 */
export const smtpEnvironment = z.object({ MAIL_FROM, SMTP_URL, SMTP_CA_FILE }).transform((env, context) => {
  const { MAIL_FROM: from, SMTP_URL: url, SMTP_CA_FILE: caFile } = env;
  if (from !== undefined && url !== undefined) return { from, url, ...(caFile && { caFile }) };
  for (const name of ['MAIL_FROM', 'SMTP_URL'] as const)
    if (env[name] === undefined && (from ?? url) !== undefined)
      context.addIssue({ code: 'custom', path: [name], message: 'is missing beside the other' });
  return null;
});

export type SmtpConfig = NonNullable<z.output<typeof smtpEnvironment>>;
