import type { ErrorCode, Segment, TenantId } from '#libs/kernel';

/**
 * Hints between processes, so that nobody polls fast. They carry ids only and may be lost: whoever needs to be right
 * reads the row.
 */
export type Signal =
  | {
      readonly kind: 'job.started';
      readonly jobId: string;
      readonly worker: string;
      readonly fence: number;
      readonly simulated: boolean;
    }
  | { readonly kind: 'job.finished'; readonly jobId: string }
  | { readonly kind: 'job.returned'; readonly jobId: string }
  | { readonly kind: 'job.cancel-requested'; readonly jobId: string }
  | {
      readonly kind: 'session.ended';
      readonly tenantId: TenantId;
      readonly segment: Segment;
      readonly sessionId: string;
    }
  | { readonly kind: 'api-key.revoked'; readonly tenantId: TenantId; readonly apiKeyId: string }
  | {
      readonly kind: 'city.changed';
      readonly tenantId: TenantId;
      /** The city is not served any more: why, for those who read an answer now. */
      readonly refused?: ErrorCode;
    }
  | { readonly kind: 'content-access.changed'; readonly accessId: string }
  | { readonly kind: 'city.removed'; readonly tenantId: TenantId }
  | { readonly kind: 'member.changed'; readonly tenantId: TenantId; readonly memberId: string };

export type SignalListener = (signal: Signal) => void;

const MAX_MESSAGE_BYTES = 7_000; // NOTIFY takes 8,000; ids and JSON are ASCII

/** Delivers signals to every process, the publishing one included. */
export abstract class Signals {
  private readonly listeners = new Set<SignalListener>();
  private outbox: string[] = [];
  private outboxBytes = 0;

  /** Never fails and never waits: a lost hint is made good by the next look at the row. */
  publish(signal: Signal): void {
    const text = JSON.stringify(signal);
    if (this.outboxBytes + text.length > MAX_MESSAGE_BYTES) this.flush();
    if (this.outbox.length === 0) setImmediate(() => this.flush());
    this.outbox.push(text);
    this.outboxBytes += text.length + 1;
  }

  /** @returns the function that ends the subscription */
  subscribe(listener: SignalListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends one message to every process. */
  protected abstract broadcast(message: string): void;

  protected receive(message: string): void {
    for (const signal of JSON.parse(message) as Signal[]) for (const listener of this.listeners) listener(signal);
  }

  private flush(): void {
    if (this.outbox.length === 0) return;
    const message = `[${this.outbox.join(',')}]`;
    this.outbox = [];
    this.outboxBytes = 0;
    this.broadcast(message);
  }
}
