export { AuditModule } from './audit.module.ts';
export { type AuditActor, type AuditEvent, AuditTrail } from './audit-trail.ts';
export { AuditAnchors, type AnchoringResult } from './audit-anchors.ts';
export { type AuditEntry, type AuditQuery, AuditReader } from './audit-reader.ts';
export { type AnchorReport, type ChainReport, AuditVerifier, type VerificationReport } from './audit-verifier.ts';
export type { ChainFault, ChainFaultKind } from './chain-check.ts';
