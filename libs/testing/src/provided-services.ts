import { inject } from 'vitest';

/** What the run's global setup (tools/test/services.ts) has started for the specs. */
export interface ProvidedServices {
  /** Superuser address of the server, without a database name at its end. */
  readonly postgresUrl: string;
  /** Password of the login roles. */
  readonly rolePassword: string;
  /** Name of the migrated database that every test database is a copy of. */
  readonly templateDatabase: string;
  /** Undefined on a machine without redis-server. */
  readonly redisUrl: string | undefined;
}

declare module 'vitest' {
  interface ProvidedContext {
    services: ProvidedServices;
  }
}

export const providedServices = (): ProvidedServices => inject('services');
