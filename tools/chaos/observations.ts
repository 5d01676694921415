import type { Answer } from './client.ts';
import type { Reading } from './reader.ts';

/** A `POST /jobs` (or a completion) and how it was answered. */
export interface Post {
  readonly caller: string;
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
  /** Samples in which some budget was used and reserved beyond its limit. */
  readonly overdrawn: string[] = [];
  samples = 0;
  readonly faults: { readonly atMs: number; readonly name: string; readonly tookMs: number }[] = [];
  /** Surprises of the run itself, such as a fault that could not be done. */
  readonly surprises: string[] = [];

  posted(caller: string, answer: Answer, idempotencyKey?: string): string | undefined {
    const code = typeof answer.body['code'] === 'string' ? answer.body['code'] : undefined;
    this.posts.push({ caller, status: answer.status, ms: answer.ms, at: new Date(), code });
    if (answer.status !== 202) return undefined;
    const id = String(answer.body['id']);
    this.accepted.add(id);
    if (idempotencyKey) {
      const scope = `${caller} ${idempotencyKey}`;
      this.jobsOfKey.set(scope, (this.jobsOfKey.get(scope) ?? new Set()).add(id));
    }
    return id;
  }

  completion(outcome: string): void {
    this.completions.set(outcome, (this.completions.get(outcome) ?? 0) + 1);
  }
}
