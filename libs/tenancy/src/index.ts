export { CityOverview, type CityState } from './city-overview.ts';
export { type City, type CityChange, CityRegistry, type CityStatus } from './city-registry.ts';
export { type Department, type DepartmentChange, DepartmentTree } from './department-tree.ts';
export { type Purpose, type PurposeChange, PurposeDirectory } from './purpose-directory.ts';
export { TenancyModule } from './tenancy.module.ts';
