import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { OpsDatabase } from '#libs/database';
import { Clock, Deadline } from '#libs/kernel';
import { Log } from '#libs/observability';
import { Signals } from '#libs/queue';

/** A reading that goes on: under which access, in which session of the one who asked for it. */
interface Watched {
  readonly accessId: string;
  readonly sessionId: string;
  readonly end: AbortController;
}

const LOOK_EVERY_MS = 1_000;
/** With the pause before it well under the five seconds in which an ended access must be felt. */
const LOOK_WITHIN_MS = 2_000;

const LIVING = `SELECT a.id AS "accessId", s.id AS "sessionId", a.ends_at AS "endsAt"
  FROM unnest($1::uuid[], $2::uuid[]) AS w (access_id, session_id)
  JOIN content_accesses a ON a.id = w.access_id AND a.decision = 'approved' AND a.ended_at IS NULL
    AND a.ends_at > clock_timestamp()
  JOIN vendor_sessions s ON s.id = w.session_id AND s.vendor_user_id = a.asked_by AND s.revoked_at IS NULL
    AND s.expires_at > clock_timestamp()
  JOIN vendor_users u ON u.id = a.asked_by AND u.status = 'active' AND u.role = 'ops'
    AND s.created_at >= u.password_changed_at`;

/**
 * Cuts what is being read when its access or its reader's session is over. A signal says so at once; without one the rows
 * are looked at every second, and where they cannot be asked nobody goes on reading.
 */
@Injectable()
export class ContentAccessWatch implements BeforeApplicationShutdown {
  private readonly watched = new Set<Watched>();
  private timer: NodeJS.Timeout | undefined;
  private readonly endSubscription: () => void;

  constructor(
    private readonly database: OpsDatabase,
    private readonly clock: Clock,
    private readonly log: Log,
    signals: Signals,
  ) {
    this.endSubscription = signals.subscribe((signal) => {
      if (signal.kind === 'content-access.changed') this.lookSoon(0);
    });
  }

  /** @returns a signal that aborts when reading must stop, and at `stop`, when nobody reads any more */
  begin(accessId: string, sessionId: string): { readonly signal: AbortSignal; stop(): void } {
    const one: Watched = { accessId, sessionId, end: new AbortController() };
    this.watched.add(one);
    if (this.watched.size === 1) this.lookSoon(LOOK_EVERY_MS);
    return { signal: one.end.signal, stop: () => this.cut(one) };
  }

  beforeApplicationShutdown(): void {
    this.endSubscription();
    this.endAll();
    clearTimeout(this.timer);
  }

  private lookSoon(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), afterMs);
  }

  private async look(): Promise<void> {
    const asked = [...this.watched];
    if (asked.length === 0) return;
    const deadline = new Deadline(LOOK_WITHIN_MS);
    try {
      const living = await deadline.orRefuse(this.livingOf(asked));
      for (const one of asked) if (!living.has(`${one.accessId} ${one.sessionId}`)) this.cut(one);
    } catch (error) {
      this.log.warn('content-access.not-watched', { error });
      this.endAll();
    } finally {
      deadline.end();
    }
    if (this.watched.size > 0) this.lookSoon(LOOK_EVERY_MS);
  }

  private async livingOf(asked: readonly Watched[]): Promise<Set<string>> {
    const rows = await this.database.query<{ accessId: string; sessionId: string; endsAt: Date }>(LIVING, [
      asked.map(({ accessId }) => accessId),
      asked.map(({ sessionId }) => sessionId),
    ]);
    const now = this.clock.now();
    return new Set(
      rows.filter(({ endsAt }) => endsAt > now).map(({ accessId, sessionId }) => `${accessId} ${sessionId}`),
    );
  }

  private endAll(): void {
    for (const one of this.watched) this.cut(one);
  }

  private cut(one: Watched): void {
    this.watched.delete(one);
    one.end.abort();
  }
}
