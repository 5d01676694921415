import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const milliseconds = z.coerce.number().int().min(1);
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const decimal = z.string().regex(/^\d{1,9}(?:\.\d{1,6})?$/, 'is a plain decimal number');
const requestsPerMinute = z.coerce.number().int().min(1);
const secret = z.string().min(32, 'needs at least 32 characters');

/** One login per database role (design law 4). A process is given only the roles it works with. */
export const databaseEnvironment = z
  .object({
    DATABASE_APP_URL: postgresUrl,
    DATABASE_ADMISSION_URL: postgresUrl,
    DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
  })
  .transform((env) => ({
    appUrl: env.DATABASE_APP_URL,
    admissionUrl: env.DATABASE_ADMISSION_URL,
    poolSize: env.DATABASE_POOL_SIZE,
  }));

/** The vendor's roles; only the api serves vendor people. */
export const vendorDatabaseEnvironment = z
  .object({ DATABASE_OPS_URL: postgresUrl, DATABASE_FINANCE_URL: postgresUrl })
  .transform((env) => ({ opsUrl: env.DATABASE_OPS_URL, financeUrl: env.DATABASE_FINANCE_URL }));

/** The worker closes months with the role finance; it serves no vendor people. */
export const financeDatabaseEnvironment = z
  .object({ DATABASE_FINANCE_URL: postgresUrl })
  .transform((env) => ({ financeUrl: env.DATABASE_FINANCE_URL }));

/** The role that removes a city which has left; it sees no other, and only the worker has it. */
export const exitDatabaseEnvironment = z
  .object({ DATABASE_EXIT_URL: postgresUrl })
  .transform((env) => ({ exitUrl: env.DATABASE_EXIT_URL }));

/** The login migrations run with: it may create roles. No server process has it. */
export const ownerDatabaseEnvironment = z
  .object({ DATABASE_OWNER_URL: postgresUrl })
  .transform((env) => ({ ownerUrl: env.DATABASE_OWNER_URL }));

/** `shared…` is the one key of earlier versions. */
export type KeyServiceConfig =
  | { readonly kind: 'local'; readonly directory: string; readonly sharedFile?: string | undefined }
  | {
      readonly kind: 'aws-kms';
      readonly aliasPrefix: string;
      readonly sharedKeyId?: string | undefined;
      readonly region: string;
    };

const unset = z.literal('').transform(() => undefined);

/**
 * Where the per-tenant data keys are wrapped, each city's by a key of its own. KEY_FILE and KEY_KMS_ID name the one key of
 * earlier versions, until no data key is wrapped by it any more.
 */
export const keyServiceEnvironment = z
  .discriminatedUnion('KEY_SERVICE', [
    z.object({
      KEY_SERVICE: z.literal('local'),
      KEY_DIRECTORY: z.string().min(1),
      KEY_FILE: unset.or(z.string()).optional(),
    }),
    z.object({
      KEY_SERVICE: z.literal('aws-kms'),
      KEY_KMS_ALIAS_PREFIX: z
        .string()
        .regex(/^alias\/[\w/-]{1,100}$/, 'begins with alias/')
        .default('alias/moyai-'),
      KEY_KMS_ID: unset.or(z.string()).optional(),
      AWS_REGION: z.string().min(1),
    }),
  ])
  .transform((env): KeyServiceConfig =>
    env.KEY_SERVICE === 'local'
      ? { kind: 'local', directory: env.KEY_DIRECTORY, sharedFile: env.KEY_FILE }
      : {
          kind: 'aws-kms',
          aliasPrefix: env.KEY_KMS_ALIAS_PREFIX,
          sharedKeyId: env.KEY_KMS_ID,
          region: env.AWS_REGION,
        },
  );

export const apiEnvironment = z
  .object({
    API_HOST: z.string().default('127.0.0.1'),
    API_PORT: port.default(0),
    INGRESS_SECRET: secret,
    WORKER_STREAM_SECRET: secret,
    API_MEMBER_REQUESTS_PER_MINUTE: requestsPerMinute.default(600),
    API_KEY_REQUESTS_PER_MINUTE: requestsPerMinute.default(6_000),
    API_DRAIN_MS: milliseconds.default(30_000),
  })
  .transform((env) => ({
    host: env.API_HOST,
    port: env.API_PORT,
    ingressSecret: env.INGRESS_SECRET,
    streamSecret: env.WORKER_STREAM_SECRET,
    /** What one may ask in a minute, of each process. */
    requestLimits: { perMember: env.API_MEMBER_REQUESTS_PER_MINUTE, perKey: env.API_KEY_REQUESTS_PER_MINUTE },
    /** What requests in work are given to end when the process is to stop. */
    drainMs: env.API_DRAIN_MS,
  }));

export const workerEnvironment = z
  .object({
    WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(200),
    WORKER_STREAM_HOST: z.string().default('127.0.0.1'),
    WORKER_STREAM_PORT: port.default(0),
    WORKER_STREAM_SECRET: secret,
    WORKER_LEASE_MS: milliseconds.default(15_000),
    WORKER_DRAIN_MS: milliseconds.default(30_000),
    WORKER_LOST_CALL_HORIZON_MS: milliseconds.default(900_000),
    BATCH_DRAFT_DAYS: z.coerce.number().int().min(1).max(365).default(14),
    // Longer than anything that is mailed once could be mailed again, and than failures are counted
    MAIL_RECORD_DAYS: z.coerce.number().int().min(60).max(3_650).default(180),
    AUDIT_ANCHOR_FILE: z.string().min(1),
  })
  .transform((env) => ({
    concurrency: env.WORKER_CONCURRENCY,
    streamHost: env.WORKER_STREAM_HOST,
    streamPort: env.WORKER_STREAM_PORT,
    streamSecret: env.WORKER_STREAM_SECRET,
    leaseMs: env.WORKER_LEASE_MS,
    drainMs: env.WORKER_DRAIN_MS,
    lostCallHorizonMs: env.WORKER_LOST_CALL_HORIZON_MS,
    draftDays: env.BATCH_DRAFT_DAYS,
    mailRecordDays: env.MAIL_RECORD_DAYS,
    auditAnchorFile: env.AUDIT_ANCHOR_FILE,
  }));

/** The auditor's command: the role that reads every chain, and where the worker anchors them. */
export const auditVerifyEnvironment = z
  .object({ DATABASE_OPS_URL: postgresUrl, AUDIT_ANCHOR_FILE: z.string().min(1).optional() })
  .transform((env) => ({ opsUrl: env.DATABASE_OPS_URL, anchorFile: env.AUDIT_ANCHOR_FILE }));

/** How much of the provider's bill may stay unexplained when invoices go out; neither limit may be exceeded. */
export const reconciliationEnvironment = z
  .object({
    RECONCILIATION_UNEXPLAINED_USD: decimal.default('10'),
    RECONCILIATION_UNEXPLAINED_PERCENT: decimal.default('0.5'),
  })
  .transform((env) => ({
    unexplainedUsd: env.RECONCILIATION_UNEXPLAINED_USD,
    unexplainedPercent: env.RECONCILIATION_UNEXPLAINED_PERCENT,
  }));

export const logEnvironment = z
  .object({ LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info') })
  .transform((env) => ({ level: env.LOG_LEVEL }));

/** Where the operator asks for metrics and health; closed without METRICS_PORT. Never reachable from a city's network. */
export const managementEnvironment = z
  .object({ METRICS_HOST: z.string().default('127.0.0.1'), METRICS_PORT: port.optional() })
  .transform((env) => ({ host: env.METRICS_HOST, port: env.METRICS_PORT }));

export type DatabaseConfig = z.output<typeof databaseEnvironment>;
export type VendorDatabaseConfig = z.output<typeof vendorDatabaseEnvironment>;
export type ExitDatabaseConfig = z.output<typeof exitDatabaseEnvironment>;
export type ManagementConfig = z.output<typeof managementEnvironment>;
export type LogConfig = z.output<typeof logEnvironment>;
