import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { AdmissionDatabase, createDataSource } from '#libs/database';
import { Line } from '../../test/line.ts';
import { AdmissionProgress } from './admission-progress.ts';

describe('accepted work', () => {
  let line: Line;
  let source: DataSource;
  let progress: AdmissionProgress;
  beforeAll(async () => {
    line = await Line.open();
    source = await createDataSource(line.database.urls.admission, 1).initialize();
    progress = new AdmissionProgress(new AdmissionDatabase(source));
  });
  afterEach(() => line.clear());
  afterAll(async () => {
    await source.destroy();
    await line.close();
  });

  const set = (sql: string) => line.everything.query(sql);
  const idle = (span: string) => set(`UPDATE pool_deployments SET refilled_at = now() - interval '${span}'`);

  it('moves while there is none, or while it waits for a full pool', async () => {
    await expect(progress.assert()).resolves.toBeUndefined();
    await line.configure({ id: 'tokyo', concurrency: 1 });
    await line.queue(await line.foundCity(), 3);
    await line.admit();
    await idle('1 hour');
    await expect(progress.assert()).resolves.toBeUndefined();
  });

  it('stands still when nobody admits', async () => {
    await line.configure({ id: 'tokyo', concurrency: 1 });
    const city = await line.foundCity();
    await line.queue(city, 2);
    await set(`UPDATE admission_entries SET accepted_at = now() - interval '11 s'`);
    await expect(progress.assert()).rejects.toThrow('not-admitted');
    await line.admit();
    await expect(progress.assert()).resolves.toBeUndefined();
    await set(`UPDATE admission_clock SET updated_at = now() - interval '11 s'`);
    await expect(progress.assert()).rejects.toThrow('not-admitted');
  });

  it('does not stand still while a large batch is taken into the line', async () => {
    await line.queue(await line.foundCity(), 2, { lane: 'batch' });
    await set(`UPDATE admission_entries SET accepted_at = now() - interval '1 min'`);
    await expect(progress.assert()).resolves.toBeUndefined();
  });

  it('stands still when nobody claims what is delivered again and again', async () => {
    await line.configure({ id: 'tokyo', concurrency: 1 });
    await line.queue(await line.foundCity(), 1);
    await line.admit();
    await set(`UPDATE admission_entries SET deliveries = 4, admitted_at = now() - interval '6 s'`);
    await expect(progress.assert()).rejects.toThrow('not-claimed');
  });

  it('stands still when the pool has room and gives none of it, but not for a city that is at its limit', async () => {
    await line.configure({ id: 'tokyo', concurrency: 1 });
    const city = await line.foundCity({ limit: 1 });
    await line.queue(city, 3);
    await line.admit();
    await line.configure({ id: 'tokyo', concurrency: 4 });
    await idle('71 s');
    await expect(progress.assert()).resolves.toBeUndefined();
    await set('UPDATE admission_queues SET at_limit = false');
    await expect(progress.assert()).rejects.toThrow('room-not-given');
    await idle('60 s');
    await expect(progress.assert()).resolves.toBeUndefined();
  });
});
