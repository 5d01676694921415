import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AdmissionDatabase, createDataSource } from '#libs/database';
import { Metrics, createLogger } from '#libs/observability';
import { QueueHost } from '#libs/queue';
import { Line } from '../../test/line.ts';
import { FairAdmission } from './fair-admission.ts';

let line: Line;
let source: DataSource;
let queues: QueueHost;
beforeAll(async () => {
  line = await Line.open();
  const url = line.database.urls.admission;
  source = await createDataSource(url, 2).initialize();
  queues = new QueueHost({ backend: 'postgres', url });
});
afterAll(async () => {
  await queues.onApplicationShutdown();
  await source.destroy();
  await line.close();
});

it('measures each decision who goes next, and no look at a line where nobody waits', async () => {
  const metrics = new Metrics();
  const log = createLogger('spec', { level: 'silent' });
  const admission = new FairAdmission(new AdmissionDatabase(source), log, queues, metrics);
  const measured = async () =>
    (await metrics.expose()).body.match(/^moyai_admission_seconds_count (\d+)$/m)?.[1] ?? 'none';
  await line.configure({ id: 'd', concurrency: 1 });
  await admission.giveRoomBack();
  expect(await measured()).toBe('0');
  await line.queue(await line.foundCity(), 1);
  await admission.giveRoomBack();
  expect(await measured()).toBe('1');
  await admission.request();
  expect(await measured()).toBe('2');
});
