import { Module } from '@nestjs/common';
import { ContractBook } from './contracts/contract-book.ts';

const PROVIDERS = [ContractBook];

@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class BillingModule {}
