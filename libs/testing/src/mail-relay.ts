import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** How a relay refuses a mail, and where: a sender, a receiver (the only one meant, or all), or the mail itself. */
export interface Refusal {
  readonly code: number;
  readonly at?: 'sender' | 'receiver' | 'mail';
  readonly to?: string;
}

interface RelayOptions {
  readonly host?: string;
  readonly port?: number;
  /** PEM; without it there is no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte on, instead of by STARTTLS. */
  readonly implicitTls?: boolean;
  /** Whom it lets send; nobody has to say who they are when it is left out. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** A real relay on the loopback that keeps what it is given. */
export class MailRelay implements AsyncDisposable {
  readonly received: ReceivedMail[] = [];
  /** Null: it takes every mail. */
  answer: Refusal | null = null;
  /** Where it falls silent: when it is told the receiver, or when it has the whole mail. */
  hold: 'receiver' | 'answer' | null = null;
  /** How often it fell silent. */
  held = 0;
  /** The conversations that were encrypted when the mail came. */
  encrypted = 0;
  private readonly server: SMTPServer;

  private constructor({ tls, implicitTls = false, login }: RelayOptions) {
    const refuse = (at: Refusal['at'], address?: string) => {
      if (!this.answer || (this.answer.at ?? 'receiver') !== at) return undefined;
      if (address !== undefined && (this.answer.to ?? address) !== address) return undefined;
      return Object.assign(new Error(`no <${address}>`), { responseCode: this.answer.code });
    };
    this.server = new SMTPServer({
      ...tls,
      secure: implicitTls,
      authOptional: !login,
      disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
      closeTimeout: 100,
      onAuth: ({ username, password }, _session, callback) => {
        if (username === login?.user && password === login?.password) callback(null, { user: username });
        else callback(Object.assign(new Error('who are you'), { responseCode: 535 }));
      },
      onMailFrom: ({ address }, _session, callback) => callback(refuse('sender', address)),
      onRcptTo: ({ address }, _session, callback) => {
        if (this.hold === 'receiver') this.held += 1;
        else callback(refuse('receiver', address));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const refused = refuse('mail');
          if (refused) return callback(refused);
          if (session.secure) this.encrypted += 1;
          const to = session.envelope.rcptTo.map(({ address }) => address);
          this.received.push({ to, ...parse(Buffer.concat(chunks).toString('latin1')) });
          if (this.hold === 'answer') this.held += 1;
          else callback();
        });
      },
    });
    // A client that breaks off is what some specs are about
    this.server.on('error', () => undefined);
  }

  static async start(options: RelayOptions = {}): Promise<MailRelay> {
    const relay = new MailRelay(options);
    const { port = 0, host = '127.0.0.1' } = options;
    await new Promise<void>((resolve) => relay.server.listen(port, host, resolve));
    return relay;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
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
