import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Response } from 'express';
import type { CityActor } from '#libs/identity';
import type { ErrorCode } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { type Signal, Signals } from '#libs/queue';

interface OpenReader {
  readonly actor: CityActor;
  readonly end: AbortController;
  readonly reading: Reading;
}

/** What somebody reads. */
export interface Reading {
  /** Whether another process can go on where this one stops. */
  readonly resumable: boolean;
  /**
   * Ends the answer of a reader who is sent away, or has it ended: the city is served no longer or the process stops, or else,
   * without a code, whoever asked may read no more.
   */
  end(code?: ErrorCode): void;
}

/** Ends open streams: when the reader leaves, signs out, is no longer who they were, or this process stops. */
@Injectable()
export class ReaderLifetimes implements OnApplicationShutdown {
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

  open(actor: CityActor, response: Response, reading: Reading): { readonly signal: AbortSignal; close(): void } {
    const reader = { actor, end: new AbortController(), reading };
    const leave = (): void => reader.end.abort();
    this.readers.add(reader);
    response.once('close', leave);
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

  /** Readers of a stopping process go on at another one, who can: their last event id resumes them. */
  sendElsewhere(): void {
    this.endWhere(({ reading }) => reading.resumable);
  }

  /** Ends what everybody reads. */
  sendAway(): void {
    this.endWhere(() => true, 'SYSTEM.UNAVAILABLE');
  }

  onApplicationShutdown(): void {
    this.endSubscription();
  }

  private endWhere(applies: (reader: OpenReader) => boolean, refused?: ErrorCode): void {
    for (const reader of this.readers) {
      if (reader.end.signal.aborted || !applies(reader)) continue;
      reader.reading.end(refused);
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
