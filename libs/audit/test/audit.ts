import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { AdmissionDatabase, OpsDatabase, TenantDatabase, type TenantScope, createDataSource } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { FrozenClock, createTestDatabase } from '#libs/testing';
import { type AnchoringResult, AuditAnchors } from '../src/audit-anchors.ts';
import { AuditTrail } from '../src/audit-trail.ts';
import { AuditVerifier, type VerificationReport } from '../src/audit-verifier.ts';
import type { ChainFault } from '../src/chain-check.ts';

const ENTRIES = 6;

/** The audit trail of one city, and what somebody with every right could do to it. */
export interface TestChain {
  readonly scope: TenantScope;
  readonly anchorFile: string;
  append(count: number): Promise<void>;
  /** As a superuser with every trigger off: the strongest hand inside the database. `$TENANT` stands for the city's id. */
  tamper(...statements: string[]): Promise<void>;
  /** What anchors in one process; two of them share the file. */
  anchors(): AuditAnchors;
  anchor(): Promise<AnchoringResult>;
  verify(anchorFile?: string): Promise<VerificationReport>;
  faults(anchorFile?: string): Promise<readonly ChainFault[] | undefined>;
}

export interface TestAudit extends AsyncDisposable {
  readonly city: TenantDatabase;
  readonly verifier: AuditVerifier;
  readonly trail: AuditTrail;
  /** Of a city of its own, with six entries. */
  newChain(): Promise<TestChain>;
}

/** The WHERE of one entry of the tampered city. */
export const entry = (sequence: number): string => `tenant_id = $TENANT AND sequence = ${sequence}`;

/** A database for audit chains, each process signed in as its role, and a directory for anchor files. */
export async function openAudit(): Promise<TestAudit> {
  const clock = new FrozenClock();
  const test = await createTestDatabase();
  const sources = await Promise.all(
    [test.urls.app, test.urls.ops, test.urls.admission].map((url) => createDataSource(url, 4).initialize()),
  );
  const city = new TenantDatabase(sources[0]!);
  const admission = new AdmissionDatabase(sources[2]!);
  const verifier = new AuditVerifier(new OpsDatabase(sources[1]!));
  const directory = await mkdtemp(join(tmpdir(), 'moyai-anchors-'));
  const trail = new AuditTrail(clock);

  const newChain = async (): Promise<TestChain> => {
    const scope: TenantScope = { tenantId: tenantId(newId()), segment: 'lgwan' };
    const anchorFile = join(directory, `${scope.tenantId}.jsonl`);
    const append = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const event = {
          action: '記録.済',
          actor: { type: 'member', id: newId() },
          details: { index, reason: 'é"\\' },
        } as const;
        await city.run(scope, (tx) => trail.append(tx, { ...event, segment: scope.segment }));
        clock.advance(1);
      }
    };
    const tamper = async (...statements: string[]): Promise<void> => {
      const client = new Client({ connectionString: test.urls.superuser });
      await client.connect();
      try {
        await client.query('SET session_replication_role = replica');
        for (const statement of statements) await client.query(statement.replaceAll('$TENANT', `'${scope.tenantId}'`));
      } finally {
        await client.end();
      }
    };
    const verify = (file?: string) => verifier.verify({ tenantId: scope.tenantId, anchorFile: file });
    const faults = async (file?: string) => (await verify(file)).chains[0]?.faults;
    const anchors = () => new AuditAnchors(admission, clock, anchorFile);
    await append(ENTRIES);
    return { scope, anchorFile, append, tamper, anchors, anchor: () => anchors().anchorOnce(), verify, faults };
  };

  return {
    city,
    verifier,
    trail,
    newChain,
    async [Symbol.asyncDispose]() {
      await Promise.all(sources.map((source) => source.destroy()));
      await test.drop();
      await rm(directory, { recursive: true });
    },
  };
}
