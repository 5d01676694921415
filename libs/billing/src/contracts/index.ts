export { type BudgetItem, BudgetItems } from './budget-items.ts';
export { type BilledMonth, chargesOf } from './charges-of.ts';
export { type CityWithoutContract, ContractBook } from './contract-book.ts';
export { ContractEnder } from './contract-ender.ts';
export { type ContractChange, ContractMaker, type NewContract } from './contract-maker.ts';
export { ContractPreview, type Preview, type TriedUse } from './contract-preview.ts';
export {
  CONTRACT_STATES,
  type ContractEntry,
  type ContractRecord,
  type ContractState,
  type RecordedTerms,
} from './contract-record.ts';
export { type ContractQuery, ContractRegister, placeOf } from './contract-register.ts';
export { type Council, type CouncilMember, CouncilRegister, type NewCouncil } from './council-register.ts';
export type { Proposed } from './decided.ts';
export { type OwnContract, OwnContracts } from './own-contract.ts';
export { type NewPlan, type Plan, PlanCatalogue } from './plan-catalogue.ts';
export { COUNCIL_SPLITS, type CouncilSplit } from './split-council.ts';
export { splitWhole } from './split-whole.ts';
export { type NewTerms, TermsBook } from './terms-book.ts';
export type { AgreedTerms } from './terms-row.ts';
