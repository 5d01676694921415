import { Injectable } from '@nestjs/common';
import type { Transaction } from '#libs/database';
import { Clock, type Segment, newId } from '#libs/kernel';

export interface AuditActor {
  readonly type: 'member' | 'api_key' | 'vendor' | 'service_key' | 'system' | 'anonymous';
  readonly id: string | null;
}

/** One thing somebody did or was refused. Names and ids only: never content, never a My Number. */
export interface AuditEvent {
  /** `noun.past-verb`, for example `job.accepted`. */
  readonly action: string;
  readonly actor: AuditActor;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly segment?: Segment;
  readonly outcome?: 'success' | 'refused' | 'failed';
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

const APPEND = 'SELECT audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';

/** Appends to the hash-chained trail of the tenant the transaction is bound to. */
@Injectable()
export class AuditTrail {
  constructor(private readonly clock: Clock) {}

  /**
   * Appends in this order. Call last in the transaction: from here to the commit it holds that tenant's chain.
   * A failure to append fails the transaction, so what is not audited did not happen (design law 6).
   */
  async append(tx: Transaction, ...events: readonly AuditEvent[]): Promise<void> {
    await Promise.all(events.map((event) => tx.gather(APPEND, this.entryOf(event))));
  }

  private entryOf(event: AuditEvent): unknown[] {
    return [
      newId(),
      this.clock.now(),
      event.actor.type,
      event.actor.id,
      event.action,
      event.subject?.type ?? null,
      event.subject?.id ?? null,
      event.segment ?? null,
      event.outcome ?? 'success',
      JSON.stringify(event.details ?? {}),
    ];
  }
}
