import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ApiKeyAuthenticator, type CityActor, SessionAuthenticator } from '#libs/identity';
import { Log } from '#libs/observability';
import { ReaderLifetimes } from '../../http/reader-lifetimes.ts';

/** With the look-up itself well within the five seconds in which a change is felt everywhere. */
const EVERY_MS = 2_000;

/**
 * Signals end streams at once, and may be lost. So who reads is looked up again every two seconds: one question for each
 * city and network, however many read.
 */
@Injectable()
export class ReaderChecks implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly lifetimes: ReaderLifetimes,
    private readonly sessions: SessionAuthenticator,
    private readonly keys: ApiKeyAuthenticator,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => void this.round(), EVERY_MS);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async round(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      // Without its database the product answers nobody anything new; the next round asks again.
      this.log.warn('readers.not-checked', { error });
    }
    if (this.timer) this.onApplicationBootstrap();
  }

  private async check(): Promise<void> {
    const groups = Map.groupBy(
      this.lifetimes.actors(),
      ({ type, scope }) => `${type}/${scope.tenantId}/${scope.segment}`,
    );
    for (const actors of groups.values()) {
      const unchanged = await this.unchanged(actors);
      this.lifetimes.endOf(new Set(actors.filter((actor) => !unchanged.has(actor))));
    }
  }

  private async unchanged(actors: readonly CityActor[]): Promise<ReadonlySet<CityActor>> {
    const { scope } = actors[0]!;
    const members = actors.filter((actor) => actor.type === 'member');
    if (members.length > 0) return this.sessions.unchanged(scope, members);
    return this.keys.unchanged(
      scope,
      actors.filter((actor) => actor.type === 'api_key'),
    );
  }
}
