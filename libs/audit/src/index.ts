export { AuditModule } from './audit.module.ts';
export { type AuditActor, type AuditEvent, AuditTrail } from './audit-trail.ts';
