export { type SealedPlace, ContentSeal, TenantSeal } from './content-seal.ts';
export { createDataSource, createOwnerDataSource } from './data-sources.ts';
export { DatabaseModule } from './database.module.ts';
export {
  AdmissionDatabase,
  BulkDatabase,
  ExitDatabase,
  FinanceDatabase,
  OpsDatabase,
  TenantDatabase,
} from './databases.ts';
export { KEY_SERVICE, type KeyDestruction, type KeyService } from './key-service.ts';
export { LocalKeyService } from './local-key-service.ts';
export { FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION, refusedWith } from './refusal.ts';
export type { SharedWork } from './shared-transactions.ts';
export {
  BulkTransaction,
  CrossTenantTransaction,
  type TenantScope,
  TenantTransaction,
  Transaction,
} from './transaction.ts';
