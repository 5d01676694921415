export { AddressRanges } from './address-ranges.ts';
export { CityOverview, type CityState } from './city-overview.ts';
export { type City, type CityChange, CityRegistry, type CityStatus } from './city-registry.ts';
export { type Department, type DepartmentChange, DepartmentTree, type NewDepartment } from './department-tree.ts';
export { type Purpose, type PurposeChange, PurposeDirectory } from './purpose-directory.ts';
export { SegmentPolicies, policyDetails } from './segment-policies.ts';
export {
  SEGMENT_POLICY,
  type SegmentPolicy,
  type SegmentPolicyChange,
  TAKE_OUTS,
  type TakeOut,
} from './segment-policy.ts';
export { TenancyModule } from './tenancy.module.ts';
