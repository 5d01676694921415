import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { runningStack } from '#libs/testing';

/**
 * As if the waiting period of a city that leaves were over today. No setting shortens its 60 to 90 days, and no clock can be
 * turned: the day of the hand-over is moved back in the database.
 */
export async function passWaitingPeriod(cityId: string): Promise<void> {
  const { home } = runningStack();
  const { databasePassword } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as Record<string, string>;
  const { ports } = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as { ports: Record<string, number> };
  const superuser = new Client({
    host: '127.0.0.1',
    port: ports.postgres,
    user: 'postgres',
    password: databasePassword,
    database: 'moyai',
  });
  await superuser.connect();
  try {
    await superuser.query(
      `UPDATE city_exits SET delete_from = delete_from - waiting_days,
         handed_over_at = handed_over_at - waiting_days * interval '1 day' WHERE tenant_id = $1 AND state = 'waiting'`,
      [cityId],
    );
    // In that time its months were closed and billed; closing this one would stop every other city's work.
    await superuser.query('DELETE FROM usage_records WHERE tenant_id = $1', [cityId]);
  } finally {
    await superuser.end();
  }
}
