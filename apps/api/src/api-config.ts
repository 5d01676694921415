import {
  apiEnvironment,
  databaseEnvironment,
  issuerEnvironment,
  keyServiceEnvironment,
  loadConfig,
  logEnvironment,
  mailEnvironment,
  managementEnvironment,
  modelEnvironment,
  queueEnvironment,
  reconciliationEnvironment,
  ssoEnvironment,
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
    reconciliation: reconciliationEnvironment,
    issuer: issuerEnvironment,
    sso: ssoEnvironment,
    mail: mailEnvironment,
    log: logEnvironment,
    management: managementEnvironment,
  });

export type ApiProcessConfig = ReturnType<typeof loadApiConfig>;
