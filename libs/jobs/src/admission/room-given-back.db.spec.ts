import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Admitted, Line } from '../../test/line.ts';

let line: Line;

beforeAll(async () => {
  line = await Line.open();
});

afterEach(() => line.clear());

afterAll(() => line.close());

const admitInto = async (concurrency: number) => {
  await line.configure({ id: 'd', concurrency });
  return line.admit();
};
describe('admit(), when room is given back', () => {
  const giveRoomBack = () => line.query<Admitted>('SELECT * FROM admit(true)');

  it('gives it to whoever waits', async () => {
    const jobs = await line.queue(await line.foundCity(), 2);
    await admitInto(1);
    await line.finish([jobs[0]!], 1_000);
    expect((await giveRoomBack()).map(({ job_id }) => job_id)).toEqual([jobs[1]]);
  });

  it('gives it to what has just arrived', async () => {
    await line.configure({ id: 'd', concurrency: 1 });
    const [job] = await line.queue(await line.foundCity(), 1);
    expect((await giveRoomBack()).map(({ job_id }) => job_id)).toEqual([job]);
  });

  it('waits for no other admission while nobody waits', async () => {
    const other = line.everything.createQueryRunner();
    await other.startTransaction();
    try {
      await other.query(`SELECT pg_advisory_xact_lock(hashtext('moyai.admission'))`);
      expect(await giveRoomBack()).toEqual([]);
    } finally {
      await other.rollbackTransaction();
      await other.release();
    }
  });

  it('gives it to whom an admission under way is putting in line', async () => {
    const city = await line.foundCity();
    const running = await line.queue(city, 1);
    await admitInto(1);
    const arrived = await line.queue(city, 1);
    const other = line.everything.createQueryRunner();
    await other.startTransaction();
    // Has counted who ended, and found no room.
    await other.query('SELECT * FROM admit()');
    await line.finish(running, 1_000);
    const given = giveRoomBack();
    await other.commitTransaction();
    await other.release();
    expect((await given).map(({ job_id }) => job_id)).toEqual(arrived);
  });

  it('does nothing while nobody waits; the next admission counts it', async () => {
    const city = await line.foundCity();
    const jobs = await line.queue(city, 1);
    await admitInto(1);
    await line.finish(jobs, 1_000);
    expect(await giveRoomBack()).toEqual([]);
    expect(await line.query('SELECT running FROM pool_deployments')).toEqual([{ running: 1 }]);
    await line.queue(city, 1);
    expect(await line.admit()).toHaveLength(1);
  });
});
