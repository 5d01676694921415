import { readFileSync } from 'node:fs';
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

/** `later`: the relay was away, would not know us, or asked to come again. The others are final. */
export const MAIL_OUTCOMES = ['sent', 'later', 'rejected', 'address'] as const;
export type MailOutcome = (typeof MAIL_OUTCOMES)[number];

export interface MailAnswer {
  readonly outcome: MailOutcome;
  /** What the relay answered (`451`), or what went wrong on the way to it (`ETIMEDOUT`). */
  readonly code: string | null;
}

/** Hands mails to the configured relay. Without TLS only to one on the same host: mails tell of incidents. */
export class MailTransport {
  private readonly transporter: Transporter;

  /** @throws when the file of the certification authority cannot be read */
  constructor(private readonly config: SmtpConfig) {
    const { hostname } = new URL(config.url);
    this.transporter = createTransport({
      url: config.url,
      requireTLS: !['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
      ...(config.caFile && { tls: { ca: readFileSync(config.caFile) } }),
      connectionTimeout: STEP_MS,
      greetingTimeout: STEP_MS,
      socketTimeout: 2 * STEP_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /** The same row is the same Message-ID: should it be sent twice, a mailbox can tell. Never rejects. */
  async send({ id, to, subject, body, createdAt }: OutgoingMail): Promise<MailAnswer> {
    if (!ADDRESS.test(to)) return { outcome: 'address', code: null };
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
      return { outcome: 'sent', code: null };
    } catch (error) {
      return { outcome: isFinal(error) ? 'rejected' : 'later', code: codeOf(error) };
    }
  }
}

interface SmtpError {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
}

/**
 * What the relay says of this receiver or this mail, for good. That it knows neither our password nor our sender says
 * nothing about the mail: somebody has to mend the setting, and the mail waits for that.
 */
function isFinal(error: unknown): boolean {
  const { code, responseCode, command } = error as SmtpError;
  const isOfMail = (code === 'EENVELOPE' && command !== 'MAIL FROM') || code === 'EMESSAGE';
  return isOfMail && typeof responseCode === 'number' && responseCode >= 500;
}

/** Never the message: relays repeat the address in it. */
function codeOf(error: unknown): string | null {
  const { code, responseCode } = error as SmtpError;
  const said = String(responseCode ?? code ?? '').toUpperCase();
  return /^[A-Z0-9_]{1,40}$/.test(said) ? said : null;
}
