import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '#libs/kernel';
import { Signals } from '#libs/queue';
import type { FactorHolder } from '../factors/factor-holder.ts';
import { SessionAuthenticator } from './session-authenticator.ts';

/** A session that still opens something, as its owner sees it. */
export interface OpenSession {
  readonly id: string;
  readonly openedAt: Date;
  /** To the minute. */
  readonly lastSeenAt: Date | null;
  readonly expiresAt: Date;
  readonly isCurrent: boolean;
}

interface Tables {
  readonly sessions: string;
  readonly holder: string;
}

const tablesOf = ({ plane }: Pick<FactorHolder, 'plane'>): Tables =>
  plane === 'member'
    ? { sessions: 'sessions', holder: 'member_id' }
    : { sessions: 'vendor_sessions', holder: 'vendor_user_id' };

/** One's own sessions: seen and ended, one or all but the present. */
@Injectable()
export class OpenSessions {
  constructor(
    private readonly authenticator: SessionAuthenticator,
    private readonly signals: Signals,
    private readonly clock: Clock,
  ) {}

  /** Newest first. @param current the session that asks */
  list(holder: FactorHolder, current: string): Promise<OpenSession[]> {
    const { sessions, holder: column } = tablesOf(holder);
    return holder.run((tx) =>
      tx.query<OpenSession>(
        `SELECT id, created_at AS "openedAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt",
           id = $2 AS "isCurrent"
         FROM ${sessions} WHERE ${column} = $1 AND revoked_at IS NULL AND expires_at > $3 AND stage = 'whole'
         ORDER BY id DESC LIMIT 200`,
        [holder.id, current, this.clock.now()],
      ),
    );
  }

  /** Ends one of the holder's sessions. @throws DomainError REQUEST.NOT_FOUND */
  async end(holder: FactorHolder, id: string): Promise<void> {
    const ended = await this.revoke(holder, 'id = $3', id);
    if (ended.length === 0) throw new DomainError('REQUEST.NOT_FOUND');
    this.announce(holder, ended);
  }

  /** Ends all of the holder's sessions but the one that asks. */
  async endOthers(holder: FactorHolder, current: string): Promise<void> {
    this.announce(holder, await this.revoke(holder, 'id <> $3', current));
  }

  private revoke(holder: FactorHolder, which: string, id: string): Promise<string[]> {
    const { sessions, holder: column } = tablesOf(holder);
    return holder.run(async (tx) => {
      const ended = await tx.query<{ id: string }>(
        `UPDATE ${sessions} SET revoked_at = $2 WHERE ${column} = $1 AND revoked_at IS NULL AND ${which} RETURNING id`,
        [holder.id, this.clock.now(), id],
      );
      for (const session of ended) await holder.record(tx, 'session.ended', { sessionId: session.id });
      return ended.map((session) => session.id);
    });
  }

  /** Members' sessions are remembered and read streams; of the vendor's nothing is. */
  private announce({ scope }: FactorHolder, ids: readonly string[]): void {
    if (!scope) return;
    for (const sessionId of ids) {
      this.authenticator.forget((actor) => actor.sessionId === sessionId);
      this.signals.publish({ kind: 'session.ended', ...scope, sessionId });
    }
  }
}
