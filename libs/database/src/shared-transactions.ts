import { DomainError } from '#libs/kernel';
import type { TenantScope, TenantTransaction } from './transaction.ts';

/** What one caller adds to a shared transaction, once it has read what it needs. */
export interface SharedWork<Result> {
  readonly result: Result;
  /**
   * What it writes, by what it locks, in the order in which everybody takes locks. The rows of all are sent before the
   * budget of any, and so on; nothing waits for an answer in between.
   */
  readonly rows?: () => Promise<unknown>;
  readonly budget?: () => Promise<unknown>;
  readonly audit?: () => Promise<unknown>;
}

/**
 * Reads, decides, and says what is to be written. A DomainError refuses this work and no other, so it comes before the
 * first write.
 */
export type Prepare<Result> = (tx: TenantTransaction) => Promise<SharedWork<Result>>;

interface Member {
  readonly prepare: Prepare<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Run = <Result>(scope: TenantScope, work: (tx: TenantTransaction) => Promise<Result>) => Promise<Result>;

/** A city's locks are held for as long as a group takes, and no longer than people notice. */
const LARGEST_GROUP = 32;

/**
 * Group commit. Of work for one city and segment, what arrives while a transaction is under way shares the next one: under
 * load BEGIN, commit, disk and the city's locks are paid once for many. Work that comes alone waits for nobody.
 */
export class SharedTransactions {
  private readonly waiting = new Map<string, Member[]>();

  constructor(private readonly run: Run) {}

  /** Resolves when the transaction is committed. @throws whatever refused this work */
  join<Result>(scope: TenantScope, prepare: Prepare<Result>): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const member = { prepare, resolve: resolve as Member['resolve'], reject };
    const place = `${scope.tenantId} ${scope.segment}`;
    const line = this.waiting.get(place);
    if (line) line.push(member);
    else void this.serve(scope, place, member);
    return promise;
  }

  private async serve(scope: TenantScope, place: string, first: Member): Promise<void> {
    const line = [first];
    this.waiting.set(place, line);
    while (line.length > 0) await this.commit(scope, line.splice(0, LARGEST_GROUP));
    this.waiting.delete(place);
  }

  /** Never rejects: each member is told its own end. */
  private async commit(scope: TenantScope, members: readonly Member[]): Promise<void> {
    let shared: TenantTransaction | undefined;
    try {
      const tell = await this.run(scope, (tx) => write((shared = tx), members));
      for (const told of tell) told();
    } catch (error) {
      // One may have spoilt it for all. Only what certainly did not happen is done again.
      if (members.length > 1 && shared?.isRolledBack)
        await Promise.all(members.map((member) => this.commit(scope, [member])));
      else for (const { reject } of members) reject(error);
    }
  }
}

/** @returns what to tell each member once it is committed */
async function write(tx: TenantTransaction, members: readonly Member[]): Promise<(() => void)[]> {
  const prepared = await Promise.allSettled(members.map(({ prepare }) => prepare(tx)));
  const tell: (() => void)[] = [];
  const works: SharedWork<unknown>[] = [];
  for (const [index, outcome] of prepared.entries()) {
    const { resolve, reject } = members[index]!;
    if (outcome.status === 'fulfilled') {
      works.push(outcome.value);
      tell.push(() => resolve(outcome.value.result));
    } else if (outcome.reason instanceof DomainError) tell.push(() => reject(outcome.reason));
    else throw outcome.reason;
  }
  const sent = (['rows', 'budget', 'audit'] as const).flatMap((kind) => works.map(async (work) => work[kind]?.()));
  tx.commitBehind();
  await Promise.all(sent);
  return tell;
}
