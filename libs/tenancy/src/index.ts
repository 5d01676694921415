export { type Purpose, type PurposeChange, PurposeDirectory } from './purpose-directory.ts';
export { TenancyModule } from './tenancy.module.ts';
