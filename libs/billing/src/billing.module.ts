import { Module } from '@nestjs/common';
import { PricingModule } from '#libs/pricing';
import { BudgetItems } from './contracts/budget-items.ts';
import { ContractBook } from './contracts/contract-book.ts';
import { ContractEnder } from './contracts/contract-ender.ts';
import { ContractMaker } from './contracts/contract-maker.ts';
import { ContractPreview } from './contracts/contract-preview.ts';
import { ContractRegister } from './contracts/contract-register.ts';
import { ContractTrail } from './contracts/contract-trail.ts';
import { CouncilRegister } from './contracts/council-register.ts';
import { OwnContracts } from './contracts/own-contract.ts';
import { PlanCatalogue } from './contracts/plan-catalogue.ts';
import { TermsBook } from './contracts/terms-book.ts';

const PUBLIC = [
  BudgetItems,
  ContractBook,
  ContractEnder,
  ContractMaker,
  ContractPreview,
  ContractRegister,
  CouncilRegister,
  OwnContracts,
  PlanCatalogue,
  TermsBook,
];

/** What cities agreed to pay by. */
@Module({ imports: [PricingModule], providers: [...PUBLIC, ContractTrail], exports: PUBLIC })
export class BillingModule {}
