import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** A real relay on the loopback that keeps what it is given. */
export class MailRelay implements AsyncDisposable {
  readonly received: ReceivedMail[] = [];
  /** What the relay answers to a receiver; null: it takes the mail. */
  answer: { readonly code: number; readonly to?: string } | null = null;
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: ({ address }, _session, callback) => {
        const refused = this.answer && (this.answer.to ?? address) === address;
        callback(
          refused ? Object.assign(new Error(`no <${address}>`), { responseCode: this.answer!.code }) : undefined,
        );
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          this.received.push({ to, ...parse(Buffer.concat(chunks).toString('latin1')) });
          callback();
        });
      },
    });
  }

  static async start(): Promise<MailRelay> {
    const relay = new MailRelay();
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** Of one part, as ours have no other: headers unfolded and decoded (RFC 2047), text decoded (RFC 2045). */
function parse(message: string): Omit<ReceivedMail, 'to'> {
  const [head = '', ...rest] = message.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), decoded(line.slice(line.indexOf(':') + 2))]),
  );
  const body = rest.join('\r\n\r\n');
  const text = headers.get('content-transfer-encoding') === 'base64' ? Buffer.from(body, 'base64') : quoted(body);
  return { headers, text: text.toString('utf8').replaceAll('\r\n', '\n') };
}

const decoded = (value: string): string =>
  value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, encoding: string, text: string) =>
      (encoding.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : quoted(text.replaceAll('_', ' '))).toString(),
    );

const quoted = (text: string): Buffer =>
  Buffer.from(
    text
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
