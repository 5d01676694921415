import { setTimeout as pause } from 'node:timers/promises';
import { DomainError } from '#libs/kernel';
import type { TenantScope, TenantTransaction } from './transaction.ts';

/** What one caller adds to a shared transaction, once it has read what it needs. */
export interface SharedWork<Result> {
  readonly result: Result;
  /**
   * Asked of work that has company, before anybody writes: what the database refuses later would undo them all with it.
   * A DomainError refuses this work and no other. @returns false when only those ahead of it are in its way: it goes again
   * once they have ended
   */
  readonly fits?: () => Promise<boolean>;
  /**
   * What it writes, by what it locks, in the order in which everybody takes locks: new rows that its others refer to, its
   * others, the budget, the audit chain. The rows of all are sent before the budget of any, and so on; nothing waits for an
   * answer in between.
   */
  readonly parents?: () => Promise<unknown>;
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

/** What became of a group, once its transaction is committed. */
interface Outcome {
  readonly tell: readonly (() => void)[];
  readonly again: readonly Member[];
}

type Refuse = (member: Member, error: DomainError) => void;

type Run = <Result>(scope: TenantScope, work: (tx: TenantTransaction) => Promise<Result>) => Promise<Result>;

type Rest = (milliseconds: number) => Promise<unknown>;

/** A city's locks are held for as long as a group takes, and no longer than people notice. */
const LARGEST_GROUP = 32;
/** Who shares with so many saves little by waiting for more. */
const ENOUGH = 8;
/** A group that waited long for a lock is no reason to let the next one wait as long. */
const LONGEST_REST_MS = 20;

const STEPS = ['parents', 'rows', 'budget', 'audit'] as const;

/**
 * Group commit. Of work for one city and segment, what arrives while a transaction is under way shares the next one: under
 * load BEGIN, commit, disk and the city's locks are paid once for many. Work that comes alone waits for nobody.
 *
 * After a shared transaction that few wait behind, the city rests for as long as that took. What a group costs hardly depends
 * on how many are in it, and without the rest the next would begin with the few who came meanwhile.
 */
export class SharedTransactions {
  private readonly waiting = new Map<string, Member[]>();

  constructor(
    private readonly run: Run,
    private readonly rest: Rest = pause,
  ) {}

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
    while (line.length > 0) {
      const members = line.splice(0, LARGEST_GROUP);
      const beganAt = performance.now();
      line.unshift(...(await this.commit(scope, members)));
      if (members.length > 1 && line.length < ENOUGH)
        await this.rest(Math.min(performance.now() - beganAt, LONGEST_REST_MS));
    }
    this.waiting.delete(place);
  }

  /** Never rejects: each member is told its own end. @returns those that go again, ahead of who came later */
  private async commit(scope: TenantScope, members: readonly Member[]): Promise<readonly Member[]> {
    let shared: TenantTransaction | undefined;
    try {
      const { tell, again } = await this.run(scope, (tx) => write((shared = tx), members));
      for (const told of tell) told();
      return again;
    } catch (error) {
      // One may have spoilt it for all. Only what certainly did not happen is done again.
      if (members.length > 1 && shared?.isRolledBack)
        await Promise.all(members.map((member) => this.commit(scope, [member])));
      else for (const { reject } of members) reject(error);
      return [];
    }
  }
}

async function write(tx: TenantTransaction, members: readonly Member[]): Promise<Outcome> {
  const tell: (() => void)[] = [];
  const refuse: Refuse = (member, error) => tell.push(() => member.reject(error));
  const ready = await passing(
    members.map((member) => ({ member })),
    async ({ member }) => ({ member, work: await member.prepare(tx) }),
    refuse,
  );
  const hasCompany = ready.length > 1;
  const sifted = await passing(
    ready,
    async (entry) => ({ ...entry, fits: !hasCompany || ((await entry.work.fits?.()) ?? true) }),
    refuse,
  );
  // Nobody is ahead of the first, so each group comes to an end with somebody.
  const works = sifted.filter(({ fits }, place) => fits || place === 0);
  for (const { member, work } of works) tell.push(() => member.resolve(work.result));
  const sent = STEPS.flatMap((step) => works.map(async ({ work }) => work[step]?.()));
  tx.commitBehind();
  await Promise.all(sent);
  return { tell, again: sifted.filter((entry) => !works.includes(entry)).map(({ member }) => member) };
}

/** Takes each a step further. Whom our own rules refuse takes no more of them; what else fails fails for all. */
async function passing<From extends { readonly member: Member }, To>(
  entries: readonly From[],
  step: (entry: From) => Promise<To>,
  refuse: Refuse,
): Promise<To[]> {
  const outcomes = await Promise.allSettled(entries.map(step));
  return outcomes.flatMap((outcome, index) => {
    if (outcome.status === 'fulfilled') return [outcome.value];
    if (!(outcome.reason instanceof DomainError)) throw outcome.reason;
    refuse(entries[index]!.member, outcome.reason);
    return [];
  });
}
