export { AddressRanges } from './address-ranges.ts';
export { CityActivity } from './city-activity.ts';
export { CityOnboardings, type ContractWish, type OnboardingDraft } from './city-onboardings.ts';
export {
  CITY_SORTS,
  CityOverview,
  type CityPosition,
  type CityQuery,
  type CitySort,
  type CityStage,
  type CityState,
  type Outcomes,
} from './city-overview.ts';
export {
  CITY_STATUSES,
  type City,
  type CityChange,
  CityRegistry,
  type CityStatus,
  type StatusChange,
} from './city-registry.ts';
export { type Department, type DepartmentChange, DepartmentTree, type NewDepartment } from './department-tree.ts';
export { type CityReport, CityReports, READINESS, type Readiness } from './city-report.ts';
export { FIRST_STEPS, type FirstStep, FirstSteps, type FirstStepsState } from './first-steps.ts';
export { type Purpose, type PurposeChange, PurposeDirectory } from './purpose-directory.ts';
export { SegmentPolicies, policyDetails } from './segment-policies.ts';
export {
  SEGMENT_POLICY,
  type SegmentPolicy,
  type SegmentPolicyChange,
  TAKE_OUTS,
  type TakeOut,
} from './segment-policy.ts';
export { TRIAL_ENDS_ON } from './trial.ts';
export { TenancyModule } from './tenancy.module.ts';
