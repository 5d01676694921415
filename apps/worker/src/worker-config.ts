import {
  ConfigurationError,
  databaseEnvironment,
  exitDatabaseEnvironment,
  issuerEnvironment,
  financeDatabaseEnvironment,
  keyServiceEnvironment,
  loadConfig,
  logEnvironment,
  managementEnvironment,
  modelEnvironment,
  queueEnvironment,
  smtpEnvironment,
  workerEnvironment,
} from '#libs/config';

/** Token of the worker's own slice, {@link WorkerProcessConfig}`['worker']`. */
export const WORKER_CONFIG = Symbol('WorkerConfig');

const SLICES = {
  worker: workerEnvironment,
  database: databaseEnvironment,
  vendorDatabase: financeDatabaseEnvironment,
  exitDatabase: exitDatabaseEnvironment,
  issuer: issuerEnvironment,
  keyService: keyServiceEnvironment,
  queue: queueEnvironment,
  model: modelEnvironment,
  smtp: smtpEnvironment,
  log: logEnvironment,
  management: managementEnvironment,
};

/**
 * Every setting of this process, read once at start.
 * @throws ConfigurationError naming every variable at fault
 */
export function loadWorkerConfig(environment?: Record<string, string | undefined>) {
  const config = loadConfig(SLICES, environment);
  const { worker, model } = config;
  // A call that a paused worker still has under way would be taken not to have reached the model, and billed to nobody.
  const isReal = model.deployments.some(({ simulated, invocationLogGroup }) => !simulated && invocationLogGroup);
  if (isReal && worker.lostCallHorizonMs <= model.timeouts.totalMs)
    throw new ConfigurationError(['WORKER_LOST_CALL_HORIZON_MS: must be longer than MODEL_TOTAL_TIMEOUT_MS']);
  return config;
}

export type WorkerProcessConfig = ReturnType<typeof loadWorkerConfig>;
