import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** What the way to a server is like. */
export type Way =
  | { readonly kind: 'clear' }
  /** Everything arrives so much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Each connection carries so much a second, each way. */
  | { readonly kind: 'narrow'; readonly bytesPerSecond: number }
  /** Half-open: connections stand and carry nothing, as when a router fails. What was sent arrives if the way clears. */
  | { readonly kind: 'silent' }
  /** No connection is taken, and those there were are cut. */
  | { readonly kind: 'closed' };

const CLEAR: Way = { kind: 'clear' };
/** Held for one direction before its sender has to wait, as a kernel's buffers would. */
const HELD_BYTES = 256 * 1024;

/** A way to a TCP server that can be made bad while it is in use. */
export class FaultProxy {
  readonly port: number;
  private readonly server: Server;
  private readonly target: { readonly host: string; readonly port: number };
  private readonly sockets = new Set<Socket>();
  private readonly forgotten = new WeakSet<Socket>();
  private way: Way = CLEAR;
  private cleared = Promise.resolve();
  private clear = (): void => undefined;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.server = server;
    this.target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (near) => this.join(near));
  }

  static async open(host: string, port: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    await listen(server, 0);
    return new FaultProxy(server, { host, port });
  }

  /** The server's address by way of this proxy. */
  through(address: string): string {
    const url = new URL(address);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  /** From now on, for the connections there are and those to come. */
  async become(way: Way): Promise<void> {
    const wasClosed = !this.server.listening;
    this.way = way;
    this.clear();
    if (way.kind === 'silent') this.cleared = new Promise((resolve) => (this.clear = resolve));
    if (way.kind === 'closed' && !wasClosed) {
      const closed = new Promise((resolve) => this.server.close(resolve));
      this.cut();
      await closed;
    }
    if (way.kind !== 'closed' && wasClosed) await listen(this.server, this.port);
  }

  /** Ends every connection at once; new ones are taken. @returns how many there were */
  cut(): number {
    const count = this.sockets.size / 2;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    return count;
  }

  /** The connections there are stand and carry nothing ever again, as behind a router that has lost its table; new ones do. */
  forget(): void {
    for (const socket of this.sockets) this.forgotten.add(socket);
  }

  async close(): Promise<void> {
    await this.become({ kind: 'closed' });
  }

  private join(near: Socket): void {
    const far = connect({ ...this.target, allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => undefined);
      this.carry(from, to);
    }
  }

  /** One direction: every piece waits its time in order, and so does the end. */
  private carry(from: Socket, to: Socket): void {
    let held = 0;
    let last = Promise.resolve();
    const inOrder = (step: () => unknown) =>
      (last = last.then(() => (this.forgotten.has(from) ? undefined : step())).then(() => undefined));
    from.on('data', (piece: Buffer) => {
      const came = performance.now();
      held += piece.length;
      if (held > HELD_BYTES) from.pause();
      void inOrder(async () => {
        await this.cleared;
        await pause(this.waitFor(piece, came));
        if (!to.destroyed && !to.write(piece)) await drained(to);
        held -= piece.length;
        if (held <= HELD_BYTES) from.resume();
      });
    });
    from.once('end', () => void inOrder(() => this.cleared.then(() => to.end())));
    from.once('close', () => {
      this.sockets.delete(from);
      void inOrder(() => this.cleared.then(() => to.destroySoon()));
    });
  }

  private waitFor(piece: Buffer, came: number): number {
    if (this.way.kind === 'slow') return came + this.way.delayMs - performance.now();
    if (this.way.kind === 'narrow') return (piece.length / this.way.bytesPerSecond) * 1_000;
    return 0;
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

const pause = (ms: number): Promise<void> | undefined =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('drain', resolve).once('close', () => resolve()));
