export { AuditModule } from './audit.module.ts';
export { type AuditActor, type AuditEvent, AuditTrail } from './audit-trail.ts';
export { AuditAnchors } from './audit-anchors.ts';
export { type AuditEntry, AuditReader } from './audit-reader.ts';
export { type ChainReport, AuditVerifier, type VerificationReport } from './audit-verifier.ts';
export type { ChainFault, ChainFaultKind } from './chain-check.ts';
