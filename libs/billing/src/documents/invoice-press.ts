import { Worker } from 'node:worker_threads';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DomainError } from '#libs/kernel';
import type { InvoiceDocument } from '../invoice-document.ts';
import type { PressAnswer, PressOrder } from './pdf/press-thread.ts';

/** Documents that wait at once; a month's archive sends one after the other. */
const WAITING_MAX = 32;
const MEMORY_MB = 512;

// Compiled it stands beside this file as JavaScript, from source Node reads the TypeScript itself.
const THREAD = new URL(`./pdf/press-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

type Waiting = PromiseWithResolvers<Uint8Array>;

/**
 * Prints documents in a thread of its own: a page takes some 30 ms of processor, and streams of answers must not wait for
 * it. The thread starts with the first document and keeps its fonts; should it die, the next document starts another.
 */
@Injectable()
export class InvoicePress implements OnModuleDestroy {
  private thread: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private orders = 0;

  /** @throws DomainError SYSTEM.UNAVAILABLE when too many documents wait */
  print(document: InvoiceDocument): Promise<Uint8Array> {
    if (this.waiting.size >= WAITING_MAX) throw new DomainError('SYSTEM.UNAVAILABLE', { retryAfterSeconds: 5 });
    const thread = (this.thread ??= this.start());
    const order: PressOrder = { id: ++this.orders, document };
    const waiting = Promise.withResolvers<Uint8Array>();
    this.waiting.set(order.id, waiting);
    thread.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    thread.postMessage(order);
    return waiting.promise;
  }

  async onModuleDestroy(): Promise<void> {
    await this.thread?.terminate();
  }

  private start(): Worker {
    const thread = new Worker(THREAD, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB }, env: {} });
    let fault: Error | undefined;
    thread
      .on('message', (answer: PressAnswer) => this.settle(answer))
      .on('error', (error: Error) => (fault = error))
      .on('exit', () => this.abandon(fault ?? new Error('The press was stopped')));
    return thread;
  }

  private settle(answer: PressAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    // An idle press keeps no process from ending
    if (this.waiting.size === 0) this.thread?.unref();
    if ('file' in answer) waiting?.resolve(answer.file);
    else waiting?.reject(answer.fault);
  }

  private abandon(fault: Error): void {
    this.thread = undefined;
    for (const { reject } of this.waiting.values()) reject(fault);
    this.waiting.clear();
  }
}
