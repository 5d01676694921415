import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Response } from 'express';
import type { CityActor } from '#libs/identity';
import type { ErrorCode } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';

interface OpenReader {
  readonly actor: CityActor;
  readonly end: AbortController;
  readonly farewell: (code: ErrorCode) => void;
}

/** Ends open streams: when the reader leaves, signs out, is no longer who they were, or this process stops. */
@Injectable()
export class ReaderLifetimes implements BeforeApplicationShutdown {
  private readonly readers = new Set<OpenReader>();
  private readonly endSubscription: () => void;

  constructor(signals: Signals, metrics: Metrics) {
    metrics.gauge('moyai_open_streams', 'Answers being read from this process', [], () => this.count);
    this.endSubscription = signals.subscribe((signal) => {
      const refused = signal.kind === 'city.changed' ? signal.refused : undefined;
      this.endWhere(({ actor }) => ends(signal, actor), refused);
    });
  }

  /** How many streams this process serves. */
  get count(): number {
    return this.readers.size;
  }

  /** @param farewell writes the last word to a reader whose city is no longer served; called only once a stream has begun */
  open(
    actor: CityActor,
    response: Response,
    farewell: (code: ErrorCode) => void = () => undefined,
  ): { readonly signal: AbortSignal; close(): void } {
    const reader = { actor, end: new AbortController(), farewell };
    const leave = (): void => reader.end.abort();
    this.readers.add(reader);
    response.once('close', leave);
    // An answer that has not begun is cut: ended, it would look like a whole one with nothing in it.
    const end = (): unknown => (response.headersSent ? response.end() : response.destroy());
    reader.end.signal.addEventListener('abort', end, { once: true });
    // Whoever left while the request was being prepared is not announced any more.
    if (response.closed) leave();
    return {
      signal: reader.end.signal,
      close: () => {
        response.off('close', leave);
        this.readers.delete(reader);
      },
    };
  }

  /** Everybody who reads now. */
  actors(): CityActor[] {
    return [...new Set([...this.readers].map(({ actor }) => actor))];
  }

  /** Ends what these people read. */
  endOf(actors: ReadonlySet<CityActor>): void {
    if (actors.size > 0) this.endWhere(({ actor }) => actors.has(actor));
  }

  /** Readers of a stopping process go on elsewhere: their last event id resumes them. */
  beforeApplicationShutdown(): void {
    this.endSubscription();
    this.endWhere(() => true);
  }

  private endWhere(applies: (reader: OpenReader) => boolean, refused?: ErrorCode): void {
    for (const reader of this.readers) {
      if (!applies(reader)) continue;
      if (refused) reader.farewell(refused);
      reader.end.abort();
    }
  }
}

/** Whether a signal means that this actor may read no longer. */
function ends(signal: Signal, actor: CityActor): boolean {
  switch (signal.kind) {
    case 'session.ended':
      return actor.type === 'member' && actor.sessionId === signal.sessionId;
    case 'member.changed':
      return actor.type === 'member' && actor.id === signal.memberId;
    case 'api-key.revoked':
      return actor.type === 'api_key' && actor.id === signal.apiKeyId;
    case 'city.changed':
      return actor.scope.tenantId === signal.tenantId;
    default:
      return false;
  }
}
