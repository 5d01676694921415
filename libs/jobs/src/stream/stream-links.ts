import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { WebSocket } from 'ws';
import type { TenantSeal } from '#libs/database';
import { type AnswerFrame, type ReaderMessage, framePlace } from './stream-protocol.ts';

export const STREAM_SECRET = Symbol('StreamSecret');

const PEEK_MS = 250;
/** So often a worker is asked whether it hears, and given up when it has not answered by the next time. */
const SILENCE_MS = 15_000;

/** A copy of an answer that some worker is writing, kept once per process however many readers it has. */
export class AnswerReplica {
  text = '';
  fence = 0;
  /** No more will come this way: the answer ended, or its worker is out of reach. */
  over = false;
  readonly listeners = new Set<() => void>();

  constructor(
    readonly jobId: string,
    private readonly seal: TenantSeal,
  ) {}

  /** @returns false when the frame does not continue what is here, so that it must be asked for again */
  apply({ fence, offset, sealed }: Extract<AnswerFrame, { sealed: string }>): boolean {
    if (fence > this.fence) {
      this.fence = fence;
      this.text = '';
    }
    if (fence < this.fence) return true;
    if (offset !== this.text.length) return false;
    this.text += this.seal.open(framePlace(this.jobId, fence, offset), Buffer.from(sealed, 'base64'));
    return true;
  }

  tell(): void {
    for (const listener of this.listeners) listener();
  }

  end(): void {
    this.over = true;
    this.tell();
  }
}

/** One connection to one worker. */
class WorkerLink {
  private readonly socket: WebSocket;
  private answered = true;
  readonly replicas = new Map<string, AnswerReplica>();

  constructor(address: string, secret: string, onClose: () => void) {
    this.socket = new WebSocket(`ws://${address}`, {
      headers: { authorization: `Bearer ${secret}` },
      perMessageDeflate: false,
      handshakeTimeout: 3_000,
    });
    this.socket.on('open', () => {
      for (const replica of this.replicas.values()) this.ask(replica);
    });
    // A way that a firewall has forgotten stands and carries nothing: TCP alone would find out after a quarter of an hour.
    const listening = setInterval(() => this.listen(), SILENCE_MS).unref();
    this.socket.on('pong', () => (this.answered = true));
    this.socket.on('message', (data) => this.receive(JSON.parse(String(data)) as AnswerFrame[]));
    this.socket.on('error', () => this.socket.terminate());
    this.socket.on('close', () => {
      clearInterval(listening);
      onClose();
      for (const replica of this.replicas.values()) replica.end();
    });
  }

  add(replica: AnswerReplica): void {
    this.replicas.set(replica.jobId, replica);
    this.ask(replica);
  }

  drop(jobId: string): void {
    if (this.replicas.delete(jobId)) this.say({ detach: jobId });
  }

  close(): void {
    this.socket.terminate();
  }

  private listen(): void {
    if (!this.answered) this.socket.terminate();
    else if (this.socket.readyState === WebSocket.OPEN) {
      this.answered = false;
      this.socket.ping();
    }
  }

  private receive(frames: readonly AnswerFrame[]): void {
    for (const frame of frames) {
      const replica = this.replicas.get(frame.job);
      if (!replica) continue;
      if ('ended' in frame) {
        this.replicas.delete(frame.job);
        replica.end();
      } else if (replica.apply(frame)) replica.tell();
      else this.ask(replica);
    }
  }

  private ask({ jobId, fence, text }: AnswerReplica): void {
    this.say({ attach: jobId, fence, offset: text.length });
  }

  private say(message: ReaderMessage): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}

/** The api's side of live answers: attaches to workers by the address they gave when they claimed the job. */
@Injectable()
export class StreamLinks implements OnApplicationShutdown {
  private readonly links = new Map<string, WorkerLink>();

  constructor(@Inject(STREAM_SECRET) private readonly secret: string) {}

  /** Follows an answer; `listener` is called whenever it grew or is over. Pair with {@link detach}. */
  attach(address: string, jobId: string, seal: TenantSeal, listener: () => void): AnswerReplica {
    const link = this.link(address);
    let replica = link.replicas.get(jobId);
    if (!replica) {
      replica = new AnswerReplica(jobId, seal);
      link.add(replica);
    }
    replica.listeners.add(listener);
    return replica;
  }

  detach(address: string, replica: AnswerReplica, listener: () => void): void {
    replica.listeners.delete(listener);
    const link = this.links.get(address);
    if (replica.listeners.size === 0 && link?.replicas.get(replica.jobId) === replica) link.drop(replica.jobId);
  }

  /** What there is of an answer right now, for a reader who polls; empty when its worker does not say in time. */
  async peek(address: string, jobId: string, seal: TenantSeal): Promise<string> {
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => (tell = resolve));
    const replica = this.attach(address, jobId, seal, tell);
    const timeout = setTimeout(tell, PEEK_MS);
    if (!replica.text) await told;
    clearTimeout(timeout);
    this.detach(address, replica, tell);
    return replica.text;
  }

  onApplicationShutdown(): void {
    for (const link of this.links.values()) link.close();
  }

  private link(address: string): WorkerLink {
    let link = this.links.get(address);
    if (!link) {
      const opened = new WorkerLink(address, this.secret, () => {
        if (this.links.get(address) === opened) this.links.delete(address);
      });
      this.links.set(address, (link = opened));
    }
    return link;
  }
}
