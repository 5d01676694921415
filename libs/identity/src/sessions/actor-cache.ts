import { hashSecret } from '../keys/secrets.ts';

/** How long a change in another process may stay unseen when its signal is lost. */
const TTL_MS = 2_000;
const MAX_ENTRIES = 10_000;

interface Entry<Cached> {
  readonly actor: Cached;
  readonly readAt: number;
}

/**
 * Remembers who a credential belongs to for two seconds, so that a busy client costs one look-up and not one per request.
 * Keyed by the credential's hash: a dump of the memory's map gives no credential away.
 */
export class ActorCache<Cached extends { readonly id: string }> {
  private readonly entries = new Map<string, Entry<Cached>>();
  private readonly loading = new Map<string, Promise<Cached | null>>();
  /** Raised by every drop, so that a look-up that began before it is not remembered after it. */
  private generation = 0;

  async get(credential: string, load: () => Promise<Cached | null>): Promise<Cached | null> {
    const key = hashSecret(credential).toString('base64');
    const entry = this.entries.get(key);
    if (entry && performance.now() - entry.readAt < TTL_MS) return entry.actor;
    // Whoever comes while it is looked up waits for that answer. That nobody was found is not shared: a key works from
    // the moment it is made.
    const shared = this.loading.get(key);
    return (shared && (await shared)) ?? this.load(key, load);
  }

  /** Forgets every actor the test names. */
  drop(isAffected: (actor: Cached) => boolean): void {
    this.generation += 1;
    this.loading.clear();
    for (const [key, { actor }] of this.entries) if (isAffected(actor)) this.entries.delete(key);
  }

  private load(key: string, load: () => Promise<Cached | null>): Promise<Cached | null> {
    const { generation } = this;
    const readAt = performance.now();
    const loading = load()
      .then((actor) => {
        this.entries.delete(key);
        if (actor && generation === this.generation) this.remember(key, { actor, readAt });
        return actor;
      })
      .finally(() => {
        if (this.loading.get(key) === loading) this.loading.delete(key);
      });
    this.loading.set(key, loading);
    return loading;
  }

  private remember(key: string, entry: Entry<Cached>): void {
    // Oldest first: a Map keeps the order of insertion.
    if (this.entries.size >= MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(key, entry);
  }
}
