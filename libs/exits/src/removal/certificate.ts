import type { KeyDestruction } from '#libs/database';
import { ALSO_KEPT, TABLES } from '../plan/tables.ts';
import type { ClearedFinding, ScanReport } from './scan.ts';

/** What the vendor certifies: canonical JSON, from which the PDF is printed. Instants ISO 8601, days JST. */
export interface ExitCertificate {
  readonly format: 'moyai.exit-certificate/1';
  readonly exitId: string;
  readonly issuer: string | null;
  readonly issuedAt: string;
  readonly city: { readonly code: string; readonly name: string };
  readonly contractEndsOn: string | null;
  readonly waitingDays: number;
  readonly plannedAt: string;
  readonly agreedAt: string;
  readonly frozenAt: string;
  readonly exportedAt: string;
  readonly handedOverAt: string;
  readonly deleteFrom: string;
  readonly deletionStartedAt: string;
  readonly deletedAt: string;
  /** Hex, of each archive that was made. */
  readonly manifests: readonly { readonly segment: string; readonly sha256: string }[];
  readonly removed: readonly { readonly place: string; readonly label: string; readonly count: number }[];
  /** Hex, of the lines of `removed` as canonical JSON. */
  readonly removalSha256: string;
  readonly auditChain: { readonly sequence: number; readonly sha256: string } | null;
  readonly key: { readonly wrappingKeyId: string; readonly destroyedAt: string; readonly finalAt: string };
  readonly scan: {
    readonly places: number;
    readonly values: number;
    readonly found: 0;
    /** What two people judged not to be of the city; only where there was something to judge. */
    readonly cleared?: readonly (Omit<ClearedFinding, 'judgedAt' | 'confirmedAt'> & {
      readonly judgedAt: string;
      readonly confirmedAt: string;
    })[];
  };
  readonly kept: readonly { readonly what: string; readonly reason: string }[];
}

/** What stays, and why: from the plan, so that it cannot differ from what was done. */
export const keptByPlan = (): ExitCertificate['kept'] => [
  ...Object.entries(TABLES).flatMap(([name, { fate }]) =>
    fate === 'removed' ? [] : [{ what: name, reason: fate.kept }],
  ),
  ...ALSO_KEPT,
];

export const labelOf = (place: string): string => {
  const taken = TABLES[place]?.taken;
  return taken && 'label' in taken ? taken.label : place;
};

export const keyOf = ({ wrappingKeyId, destroyedAt, finalAt }: KeyDestruction): ExitCertificate['key'] => ({
  wrappingKeyId,
  destroyedAt: destroyedAt.toISOString(),
  finalAt: finalAt.toISOString(),
});

export const scanOf = ({ places, values, cleared }: ScanReport): ExitCertificate['scan'] => ({
  places,
  values,
  found: 0,
  ...(cleared.length > 0 && {
    cleared: cleared.map(({ judgedAt, confirmedAt, ...one }) => ({
      ...one,
      judgedAt: judgedAt.toISOString(),
      confirmedAt: confirmedAt.toISOString(),
    })),
  }),
});
