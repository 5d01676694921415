import { createHash } from 'node:crypto';

/** One stored entry, every value exactly as the database holds it. */
export interface StoredEntry {
  readonly tenantId: string;
  readonly sequence: number;
  readonly id: string;
  /** Microseconds since 1970, the full precision of the column. */
  readonly occurredAtUs: string;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  readonly segment: string | null;
  readonly outcome: string;
  readonly details: string;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

// Length-prefixed, and absent differs from empty: no two different entries share one encoding.
const field = (value: string | null): string => (value === null ? '-' : `${Buffer.byteLength(value)}:${value}`);

/** What the first entry of a chain points back to. Naming the tenant keeps one city's chain from passing as another's. */
export const genesisHash = (tenantId: string): Buffer =>
  createHash('sha256').update(`moyai.audit:${tenantId}`).digest();

/**
 * The hash an entry must have, from what it says and what it says came before it.
 * Written apart from the database's audit_append() on purpose: a verifier that asked the suspect would prove nothing.
 */
export function entryHash(entry: StoredEntry): Buffer {
  const said = [
    entry.tenantId,
    String(entry.sequence),
    entry.id,
    entry.occurredAtUs,
    entry.actorType,
    entry.actorId,
    entry.action,
    entry.subjectType,
    entry.subjectId,
    entry.segment,
    entry.outcome,
    entry.details,
  ];
  return createHash('sha256').update(entry.previousHash).update(said.map(field).join('')).digest();
}
