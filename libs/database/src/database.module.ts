import { type DynamicModule, Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { DatabaseConfig, ExitDatabaseConfig, KeyServiceConfig, VendorDatabaseConfig } from '#libs/config';
import { ContentSeal } from './content-seal.ts';
import { createDataSource, PAGE_WAIT_MS } from './data-sources.ts';
import {
  AdmissionDatabase,
  BulkDatabase,
  ExitDatabase,
  FinanceDatabase,
  OpsDatabase,
  TenantDatabase,
} from './databases.ts';
import { createKeyService, KEY_SERVICE } from './key-service.ts';

const DATA_SOURCES = Symbol('DataSources');

interface DataSources {
  readonly app: DataSource;
  readonly admission: DataSource;
  readonly ops?: DataSource;
  readonly finance?: DataSource;
  readonly bulk?: DataSource;
  readonly exit?: DataSource;
}

export interface DatabaseOptions {
  readonly database: DatabaseConfig;
  readonly keyService: KeyServiceConfig;
  /** The vendor's roles, of which a process has those it works with: the api both, the worker that of finance. */
  readonly vendorDatabase?: Partial<VendorDatabaseConfig>;
  /** Where cities are removed: the worker. */
  readonly exitDatabase?: ExitDatabaseConfig;
}

// The cross-tenant roles do short, rare work, finance also long looks of which more at once would only be slower; the app
// role carries the traffic.
const CROSS_TENANT_POOL_SIZE = 4;
/** Files at a time: each keeps the machine busy. */
const BULK_POOL_SIZE = 1;

@Injectable()
class DataSourcesShutdown implements OnApplicationShutdown {
  constructor(@Inject(DATA_SOURCES) private readonly sources: DataSources) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(Object.values(this.sources).map(async (source: DataSource | undefined) => source?.destroy()));
  }
}

/** Opens one pool per database role this process works with. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    const { database, vendorDatabase = {}, exitDatabase } = options;
    const { opsUrl, financeUrl } = vendorDatabase;
    const ops = opsUrl && {
      provide: OpsDatabase,
      useFactory: (sources: DataSources) => new OpsDatabase(sources.ops!),
      inject: [DATA_SOURCES],
    };
    const finance = financeUrl && {
      provide: FinanceDatabase,
      useFactory: (sources: DataSources) => new FinanceDatabase(sources.finance!),
      inject: [DATA_SOURCES],
    };
    const bulk = financeUrl && {
      provide: BulkDatabase,
      useFactory: (sources: DataSources) => new BulkDatabase(sources.bulk!),
      inject: [DATA_SOURCES],
    };
    const exit = exitDatabase && {
      provide: ExitDatabase,
      useFactory: (sources: DataSources) => new ExitDatabase(sources.exit!),
      inject: [DATA_SOURCES],
    };
    const vendor = [ops, finance, bulk, exit].filter((provider) => typeof provider === 'object');
    return {
      module: DatabaseModule,
      providers: [
        {
          provide: DATA_SOURCES,
          useFactory: async (): Promise<DataSources> => {
            const sources: DataSources = {
              app: createDataSource(database.appUrl, database.poolSize),
              // Admissions and leases are made again from the entries after a crash.
              admission: createDataSource(database.admissionUrl, CROSS_TENANT_POOL_SIZE, { durableCommit: false }),
              ...(opsUrl && { ops: createDataSource(opsUrl, CROSS_TENANT_POOL_SIZE) }),
              ...(financeUrl && {
                finance: createDataSource(financeUrl, CROSS_TENANT_POOL_SIZE, {
                  connectionWaitMs: PAGE_WAIT_MS,
                  silenceMs: Infinity, // a close counts a month of all cities
                }),
                bulk: createDataSource(financeUrl, BULK_POOL_SIZE, { bulk: true }),
              }),
              ...(exitDatabase && {
                exit: createDataSource(exitDatabase.exitUrl, CROSS_TENANT_POOL_SIZE, { bulk: true }),
              }),
            };
            await Promise.all(Object.values(sources).map((source: DataSource) => source.initialize()));
            return sources;
          },
        },
        DataSourcesShutdown,
        {
          provide: TenantDatabase,
          useFactory: ({ app }: DataSources) => new TenantDatabase(app),
          inject: [DATA_SOURCES],
        },
        {
          provide: AdmissionDatabase,
          useFactory: ({ admission }: DataSources) => new AdmissionDatabase(admission),
          inject: [DATA_SOURCES],
        },
        ...vendor,
        { provide: KEY_SERVICE, useFactory: () => createKeyService(options.keyService) },
        ContentSeal,
      ],
      exports: [TenantDatabase, AdmissionDatabase, ContentSeal, KEY_SERVICE, ...vendor.map(({ provide }) => provide)],
    };
  }
}
