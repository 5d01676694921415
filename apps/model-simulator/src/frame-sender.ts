import type { ServerResponse } from 'node:http';
import type { BehaviourControl, Traits } from './behaviour.ts';
import type { Frame } from './dialects/dialect.ts';

/** How a stream ended. */
export type Ending = 'completed' | 'aborted' | 'cut';

/**
 * Sends the frames of one answer at the pace, and with the faults, that the behaviour demands. Frames with no wait between
 * them leave in one write, so that a simulator told to be fast costs next to nothing.
 */
export class FrameSender {
  private gone = false;
  private wake: (() => void) | undefined;
  private pending: Buffer[] = [];

  constructor(
    private readonly response: ServerResponse,
    private readonly control: BehaviourControl,
    private readonly traits: Traits,
  ) {
    response.once('close', () => {
      this.gone = true;
      this.wake?.();
    });
  }

  /**
   * Waits the time to the first token.
   * @returns false when the client left before it was over.
   */
  async beforeFirstToken(): Promise<boolean> {
    const { stallBeforeFirstToken, firstTokenDelayMs } = this.traits;
    await this.pause(stallBeforeFirstToken ? Number.POSITIVE_INFINITY : firstTokenDelayMs);
    return !this.gone;
  }

  /**
   * Sends all frames and ends the response, unless a fault or the client ends it before.
   * @param errorFrame what a stream that is to fail ends with.
   * @param generated is told the tokens of each frame as it is sent.
   */
  async send(frames: readonly Frame[], errorFrame: Buffer, generated: (tokens: number) => void): Promise<Ending> {
    const { cutAtFrame, cutMidFrame, errorAtFrame, stallAtFrame, tokenDelayMs } = this.traits;
    let spoken = false;
    for (const [sent, { bytes, tokens }] of frames.entries()) {
      if (sent === cutAtFrame) return this.cut();
      if (sent === cutMidFrame) return this.cut(bytes.subarray(0, bytes.length >> 1));
      if (sent === errorAtFrame) return this.fail(errorFrame);
      if (sent === stallAtFrame) await this.pause(Number.POSITIVE_INFINITY);
      else if (tokens > 0 && spoken) await this.pause(tokenDelayMs * tokens);
      if (this.gone) return 'aborted';
      spoken ||= tokens > 0;
      this.pending.push(bytes);
      generated(tokens);
    }
    this.response.end(this.takePending());
    return 'completed';
  }

  /** Waits with everything flushed, at most until the client leaves. */
  async pause(waitMs: number): Promise<void> {
    if (waitMs <= 0 || this.gone) return;
    if (this.response.headersSent || this.pending.length > 0) this.flush();
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(waitMs) ? setTimeout(resolve, this.control.vary(waitMs, this.traits)) : undefined;
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  /** Closes the connection once `partOfFrame` and all before it are on their way. */
  cut(partOfFrame?: Buffer): Promise<Ending> {
    if (partOfFrame) this.pending.push(partOfFrame);
    this.flush();
    return new Promise((resolve) => {
      // An empty write is called back when what stands before it has been handed to the network.
      this.response.socket?.write('', () => {
        this.response.destroy();
        resolve('cut');
      });
      if (!this.response.socket) resolve('cut');
    });
  }

  private fail(errorFrame: Buffer): Ending {
    this.pending.push(errorFrame);
    this.response.end(this.takePending());
    return 'cut';
  }

  private flush(): void {
    if (this.pending.length > 0) this.response.write(this.takePending());
    else this.response.flushHeaders();
  }

  private takePending(): Buffer {
    const [only] = this.pending;
    const bytes = only && this.pending.length === 1 ? only : Buffer.concat(this.pending);
    this.pending = [];
    return bytes;
  }
}
