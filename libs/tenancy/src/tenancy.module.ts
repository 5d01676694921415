import { Module } from '@nestjs/common';
import { PurposeDirectory } from './purpose-directory.ts';

const PROVIDERS = [PurposeDirectory];

@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class TenancyModule {}
