import { Global, Module } from '@nestjs/common';
import { AuditReader } from './audit-reader.ts';
import { AuditTrail } from './audit-trail.ts';

/** Appending and reading; proving and anchoring are made by who needs them. */
@Global()
@Module({ providers: [AuditTrail, AuditReader], exports: [AuditTrail, AuditReader] })
export class AuditModule {}
