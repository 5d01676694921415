import { describe, expect, it } from 'vitest';
import { Deadline } from './deadline.ts';

const never = new Promise<never>(() => undefined);

describe('a deadline', () => {
  it('lets work through that is done in time', async () => {
    const deadline = new Deadline(60_000);
    expect(await deadline.orRefuse(Promise.resolve('done'))).toBe('done');
    expect(() => deadline.demandTime()).not.toThrow();
    deadline.end();
  });

  it('refuses what is not done in time, and what would begin too late', async () => {
    const deadline = new Deadline(1);
    await expect(deadline.orRefuse(never)).rejects.toMatchObject({ code: 'SYSTEM.UNAVAILABLE' });
    expect(() => deadline.demandTime()).toThrow(expect.objectContaining({ code: 'SYSTEM.UNAVAILABLE' }));
  });

  it('goes on without what is only of use', async () => {
    const deadline = new Deadline(1);
    await deadline.orGoOn(never);
    await deadline.orGoOn(Promise.reject(new Error('failed')));
  });
});
