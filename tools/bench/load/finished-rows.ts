import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';

/** The columns, checks and indexes of usage, and its references: `LIKE` leaves those out. */
const TABLE = `
  CREATE TABLE bench_finished (LIKE usage_records INCLUDING ALL);
  DO $$ DECLARE reference text; BEGIN
    FOR reference IN SELECT pg_get_constraintdef(oid) FROM pg_constraint
      WHERE conrelid = 'usage_records'::regclass AND contype = 'f'
    LOOP EXECUTE 'ALTER TABLE bench_finished ADD ' || reference; END LOOP;
  END $$`;

/** In the order in which they were accepted, as in the file that brought them. */
const LAST = `
  COPY (SELECT * FROM usage_records WHERE recorded_at = (SELECT max(recorded_at) FROM usage_records) ORDER BY accepted_at)
  TO STDOUT (FORMAT csv)`;

/** What an import has made of a file, as a file: nothing is left to do but to write it. */
export class FinishedRows implements AsyncDisposable {
  private readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  /** @param everything of who passes every wall; on a connection of its own, as COPY cannot share a pipelined one */
  static async open(everything: DataSource): Promise<FinishedRows> {
    await everything.query(TABLE);
    const { url } = everything.options as PostgresDataSourceOptions;
    const client = new Client({ connectionString: url });
    await client.connect();
    return new FinishedRows(client);
  }

  /** The rows of the last import, as bytes. */
  async ofLastImport(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.client.query(copyTo(LAST))) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }

  /** Into a table that holds what former turns brought, as that of usage does. */
  async copy(rows: AsyncIterable<Uint8Array>): Promise<void> {
    await pipeline(rows, this.client.query(copyFrom('COPY bench_finished FROM STDIN (FORMAT csv)')));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client.end();
  }
}
