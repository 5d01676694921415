import {
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

/** Every setting of this process, read once at start. */
export const loadWorkerConfig = () =>
  loadConfig({
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
  });

export type WorkerProcessConfig = ReturnType<typeof loadWorkerConfig>;
