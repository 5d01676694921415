import type { OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { Signals } from './signals.ts';

const CHANNEL = 'moyai_signals';
const RECONNECT_MS = 500;
const CONNECT_MS = 5_000;
/** As the pools of libs/database: when a connection that is asked something, and one that is not, is given up as dead. */
const SILENCE_MS = 40_000;
const KEEP_ALIVE_MS = 10_000;

/** Signals over LISTEN/NOTIFY, on one connection of its own that is opened again whenever it is lost. */
export class PostgresSignals extends Signals implements OnApplicationShutdown {
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param silenceMs after how long without an answer the connection is given up */
  constructor(
    private readonly url: string,
    private readonly silenceMs = SILENCE_MS,
  ) {
    super();
    void this.connect();
  }

  protected broadcast(message: string): void {
    this.client?.query('SELECT pg_notify($1, $2)', [CHANNEL, message]).catch(() => undefined);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      query_timeout: this.silenceMs,
      connectionTimeoutMillis: CONNECT_MS,
      // Signals do not wait for each other.
      pipeline: true,
      // A hint is not worth a disk flush, and NOTIFY commits one at a time in the whole database.
      options: '-c synchronous_commit=off',
    });
    client.on('notification', ({ payload }) => this.receive(payload ?? '[]'));
    client.on('error', () => undefined);
    client.on('end', () => this.reconnect(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.client = client;
      if (this.closed) await client.end();
    } catch {
      this.reconnect(client);
    }
  }

  private reconnect(lost: pg.Client): void {
    if (this.client === lost) this.client = undefined;
    clearTimeout(this.retry);
    if (!this.closed) this.retry = setTimeout(() => void this.connect(), RECONNECT_MS);
  }
}
