import { Module } from '@nestjs/common';
import { TenancyModule } from '#libs/tenancy';
import { Templates } from './templates.ts';

/** Making and using templates: the api. */
@Module({ imports: [TenancyModule], providers: [Templates], exports: [Templates] })
export class TemplatesModule {}
