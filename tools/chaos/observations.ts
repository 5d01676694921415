import type { Caller } from './callers.ts';
import type { Answer } from './client.ts';
import type { Told } from './completion.ts';
import type { Completion } from './openai-load.ts';
import type { Reading } from './reader.ts';

/** A `POST /jobs` (or a completion) and how it was answered. */
export interface Post {
  readonly caller: string;
  /** The entrance it went by. */
  readonly origin: string;
  readonly status: number;
  readonly ms: number;
  /** When it was answered. */
  readonly at: Date;
  readonly code: string | undefined;
}

/** Everything the clients saw: the side of the story that the database is compared with. */
export class Observations {
  readonly posts: Post[] = [];
  readonly accepted = new Set<string>();
  readonly jobsOfKey = new Map<string, Set<string>>();
  readonly readings: Reading[] = [];
  readonly completions = new Map<string, number>();
  /** What completions told that were whole, in one piece or streamed to their end. */
  readonly told: (Told & { readonly caller: Caller })[] = [];
  /** Samples in which some budget was used and reserved beyond its limit. */
  readonly overdrawn: string[] = [];
  samples = 0;
  /** How many of the requests that came at once to a nearly spent budget were accepted, as room came free. */
  readonly rushes: string[] = [];
  /** Requests whose senders hung up before the answer. */
  hungUp = 0;
  /** When entrances led to a process that was stopped and could answer nobody. */
  readonly pauses: { readonly origins: readonly string[]; readonly from: number; readonly to: number }[] = [];
  /** Surprises of the run itself, such as a fault that could not be done. */
  readonly surprises: string[] = [];

  posted({ name: caller, origins }: Caller, answer: Answer, idempotencyKey?: string): string | undefined {
    const code = typeof answer.body['code'] === 'string' ? answer.body['code'] : undefined;
    this.posts.push({ caller, origin: origins[0], status: answer.status, ms: answer.ms, at: new Date(), code });
    if (answer.status !== 202) return undefined;
    const id = String(answer.body['id']);
    this.accepted.add(id);
    if (idempotencyKey) {
      const scope = `${caller} ${idempotencyKey}`;
      this.jobsOfKey.set(scope, (this.jobsOfKey.get(scope) ?? new Set()).add(id));
    }
    return id;
  }

  /** How often somebody left before the end: a reader, a stream's taker, a sender. */
  get clientAborts(): number {
    const left = this.readings.reduce((sum, { leaves }) => sum + leaves, 0);
    return left + this.hungUp + (this.completions.get('left') ?? 0);
  }

  completion(caller: Caller, { outcome, told }: Completion): void {
    if (told) this.told.push({ ...told, caller });
    this.completions.set(outcome, (this.completions.get(outcome) ?? 0) + 1);
  }
}
