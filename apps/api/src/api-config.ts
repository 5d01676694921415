import {
  apiEnvironment,
  databaseEnvironment,
  keyServiceEnvironment,
  loadConfig,
  logEnvironment,
  modelEnvironment,
  queueEnvironment,
  vendorDatabaseEnvironment,
} from '#libs/config';

/** Every setting of this process, read once at start. */
export const loadApiConfig = () =>
  loadConfig({
    api: apiEnvironment,
    database: databaseEnvironment,
    vendorDatabase: vendorDatabaseEnvironment,
    keyService: keyServiceEnvironment,
    queue: queueEnvironment,
    model: modelEnvironment,
    log: logEnvironment,
  });

export type ApiProcessConfig = ReturnType<typeof loadApiConfig>;
