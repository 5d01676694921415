import { z } from 'zod';

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?$/;
const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && (text.startsWith('https:') || LOOPBACK.test(text));

/**
 * The identity providers of cities whose token endpoint the api may call, as origins separated by commas. Empty: none, and
 * cities use what works through the browser alone. Certificates of a city's own authority come by NODE_EXTRA_CA_CERTS.
 */
export const ssoEnvironment = z
  .object({
    SSO_BACK_CHANNEL_ORIGINS: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((origin) => origin.trim())
          .filter(Boolean),
      )
      .refine((origins) => origins.every(isOrigin), 'is a list of https origins like https://idp.example.lg.jp'),
  })
  .transform((env) => ({ backChannelOrigins: env.SSO_BACK_CHANNEL_ORIGINS }));

export type SsoConfig = z.output<typeof ssoEnvironment>;
