import type { Secrets } from './home.ts';
import type { DatabaseUrls } from './database.ts';
import { SIMULATOR_KEY, needsSimulator, placesOf, simulatorQuotas } from './models.ts';

export interface EnvironmentInput {
  /** What the operator gave; passed on, so that any setting of libs/config can be set on the command line. */
  readonly given: NodeJS.ProcessEnv;
  readonly secrets: Secrets;
  readonly databases: DatabaseUrls;
  readonly keyDirectory: string;
  /** Of an installation made by an earlier version. */
  readonly sharedKeyFile?: string;
  readonly auditAnchorFile: string;
  /** Directory in which Node keeps what it has compiled. */
  readonly compileCache: string;
  readonly modelDeployments: string;
  readonly ports: { readonly api: number; readonly portal: number; readonly simulator: number };
  readonly listeners: Readonly<Record<string, number>>;
}

type Environment = NodeJS.ProcessEnv;

/** Who issues invoices in a demonstration: a fictional company whose number has the right check digit. */
const DEMO_ISSUER = {
  ISSUER_NAME: '株式会社もやいデモ（架空）',
  ISSUER_REGISTRATION_NUMBER: 'T9000000000000',
  ISSUER_POSTAL_CODE: '999-0000',
  ISSUER_ADDRESS: '架空県みなと野市中央1-1',
  ISSUER_CONTACT: '経理部（デモ）',
  ISSUER_BANK_ACCOUNT: 'デモ銀行 本店 普通 0000000 カ）モヤイデモ',
} as const;

/** The environment of every process. Each is given what it works with and nothing else: the portal has no database, the worker no role of the vendor's but finance and that of leaving cities. */
export function composeEnvironments(input: EnvironmentInput) {
  const { given, secrets, databases, ports } = input;
  const product = pick(given, (name) => !/^(?:npm_|DATABASE_|MOYAI_|METRICS_PORT$|INIT_CWD|NODE$)/.test(name));
  const system = pick(given, (name) =>
    /^(?:PATH|HOME|USER|LANG|LC_.*|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|LOG_LEVEL)$/.test(name),
  );
  const production = {
    NODE_ENV: 'production',
    LOG_LEVEL: given.LOG_LEVEL || 'info',
    // Spares every later start a fifth of its time
    NODE_COMPILE_CACHE: given.NODE_COMPILE_CACHE || input.compileCache,
  };

  const core: Environment = {
    ...product,
    ...production,
    DATABASE_APP_URL: databases.app,
    DATABASE_ADMISSION_URL: databases.admission,
    KEY_SERVICE: given.KEY_SERVICE || 'local',
    KEY_DIRECTORY: given.KEY_DIRECTORY || input.keyDirectory,
    ...optional('KEY_FILE', given.KEY_FILE || input.sharedKeyFile),
    MODEL_DEPLOYMENTS: input.modelDeployments,
    [SIMULATOR_KEY]: 'simulator',
    AUDIT_ANCHOR_FILE: given.AUDIT_ANCHOR_FILE || input.auditAnchorFile,
    // The demo's invoices are issued whatever model answers
    ...(!given.ISSUER_NAME && DEMO_ISSUER),
    WORKER_STREAM_SECRET: secrets.streamSecret,
    ...optional('DATABASE_POOL_SIZE', given.DATABASE_POOL_SIZE),
  };
  const api: Environment = {
    ...core,
    DATABASE_OPS_URL: databases.ops,
    DATABASE_FINANCE_URL: databases.finance,
    INGRESS_SECRET: secrets.ingressSecret,
    API_HOST: '127.0.0.1',
    API_PORT: String(ports.api),
  };
  return {
    // A stop at the terminal should not take longer than a person waits for it
    api: { ...api, ...managementPort(given, 0), API_DRAIN_MS: given.API_DRAIN_MS || '5000' } as Environment,
    worker: {
      ...core,
      ...managementPort(given, 1),
      DATABASE_FINANCE_URL: databases.finance,
      DATABASE_EXIT_URL: databases.exit,
      // It is the only one: with fewer places than the pool has, what is in turn would wait behind what runs
      ...optional('WORKER_CONCURRENCY', given.WORKER_CONCURRENCY || placesOf(input.modelDeployments)?.toString()),
      WORKER_DRAIN_MS: given.WORKER_DRAIN_MS || '5000',
      // The simulator's log has a call as soon as it ends, and none lasts longer than this
      ...(needsSimulator(given) && { WORKER_LOST_CALL_HORIZON_MS: given.WORKER_LOST_CALL_HORIZON_MS || '90000' }),
    } as Environment,
    simulator: {
      ...system,
      ...production,
      SIMULATOR_QUOTAS: simulatorQuotas(),
      ...pick(given, (name) => name.startsWith('SIMULATOR_')),
      SIMULATOR_HOST: '127.0.0.1',
      SIMULATOR_PORT: String(ports.simulator),
    } as Environment,
    portal: {
      ...system,
      ...production,
      NEXT_TELEMETRY_DISABLED: '1',
    } as Environment,
    ingress: {
      ...system,
      ...production,
      INGRESS_SECRET: secrets.ingressSecret,
      INGRESS_LISTENERS: Object.entries(input.listeners)
        .map(([listener, port]) => `${listener}:${port}`)
        .join(','),
      API_PORT: String(ports.api),
      PORTAL_PORT: String(ports.portal),
    } as Environment,
    /** Programs run from the command line: they may migrate and see what api and worker see. */
    command: { ...api, DATABASE_EXIT_URL: databases.exit, DATABASE_OWNER_URL: databases.owner } as Environment,
  };
}

export type Environments = ReturnType<typeof composeEnvironments>;

function pick(environment: Environment, wanted: (name: string) => boolean): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => value !== undefined && wanted(name)));
}

const optional = (name: string, value: string | undefined): Environment => (value ? { [name]: value } : {});

/** Processes of one machine take management ports in a row, as the listeners do; a program run once takes none. */
const managementPort = ({ METRICS_PORT: first }: Environment, place: number): Environment =>
  first ? { METRICS_PORT: String(Number(first) + place) } : {};
