import { runMigrations } from 'bullmq';
import pg from 'pg';

/** BullMQ's tables live apart from ours: they are transport, made and upgraded by BullMQ itself. */
export const QUEUE_SCHEMA = 'bullmq';

/**
 * Makes or upgrades the queue's tables with the login that migrates. The admission role works the queue with them and
 * cannot change them.
 */
export async function migrateQueue(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await runMigrations(client, QUEUE_SCHEMA);
    // CREATE, because BullMQ makes a sequence for each queue when it first adds to it.
    await client.query(`GRANT USAGE, CREATE ON SCHEMA ${QUEUE_SCHEMA} TO moyai_admission`);
    await client.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO moyai_admission`,
    );
    await client.query(`GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO moyai_admission`);
  } finally {
    await client.end();
  }
}
