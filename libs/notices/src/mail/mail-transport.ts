import { type Transporter, createTransport } from 'nodemailer';
import type { SmtpConfig } from '#libs/config';

/** One try, with all its connections; shorter than the least pause between two. */
const TRY_MS = 50_000;
const STEP_MS = 10_000;
/** Of the few forms in use: what could name a second receiver or end a header is none of them. */
const ADDRESS = /^[^\s\p{Cc}<>()[\]\\,;:"@]{1,64}@[^\s\p{Cc}<>()[\]\\,;:"@]{1,253}$/u;

export interface OutgoingMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly createdAt: Date;
}

/** `later`: the relay was away or asked to come again. The others are final. */
export type MailOutcome = 'sent' | 'later' | 'rejected' | 'address';

/** Hands mails to the configured relay. Without TLS only to one on the same host: mails tell of incidents. */
export class MailTransport {
  private readonly transporter: Transporter;

  constructor(private readonly config: SmtpConfig) {
    const { hostname } = new URL(config.url);
    this.transporter = createTransport({
      url: config.url,
      requireTLS: !['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
      connectionTimeout: STEP_MS,
      greetingTimeout: STEP_MS,
      socketTimeout: 2 * STEP_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** The same row is the same Message-ID: should it be sent twice, a mailbox can tell. Never rejects. */
  async send({ id, to, subject, body, createdAt }: OutgoingMail): Promise<{ outcome: MailOutcome; code?: unknown }> {
    if (!ADDRESS.test(to)) return { outcome: 'address' };
    const { from } = this.config;
    try {
      await this.transporter.sendMail({
        from: { name: 'Moyai', address: from },
        to: { name: '', address: to },
        envelope: { from, to: [to] },
        messageId: `<${id}@${from.split('@')[1]}>`,
        date: createdAt,
        subject,
        text: body,
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.timeout(TRY_MS),
      });
      return { outcome: 'sent' };
    } catch (error) {
      return { outcome: isFinal(error) ? 'rejected' : 'later', code: codeOf(error) };
    }
  }
}

/** What the relay says of this mail, for good. That it refuses our password says nothing about the mail. */
function isFinal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && typeof responseCode === 'number' && responseCode >= 500;
}

/** Never the message: relays repeat the address in it. */
const codeOf = (error: unknown): unknown => {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return responseCode ?? code;
};
