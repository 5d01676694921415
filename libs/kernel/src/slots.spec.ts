import { expect, it } from 'vitest';
import { Slots } from './slots.ts';

it('lets so many run at once, so many wait, and turns the rest away', async () => {
  const slots = new Slots(2, 3);
  let running = 0;
  let most = 0;
  const doors = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const work = doors.map(({ promise }, index) =>
    slots.run(async () => {
      most = Math.max(most, (running += 1));
      await promise;
      running -= 1;
      if (index === 0) throw new Error('one that fails gives its place on too');
      return index;
    }),
  );
  await expect(slots.run(() => Promise.resolve())).rejects.toMatchObject({ code: 'SYSTEM.UNAVAILABLE' });
  for (const { resolve } of doors) resolve();
  const outcomes = await Promise.allSettled(work);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', ...Array.from({ length: 4 }, () => 'fulfilled')]);
  expect(most).toBe(2);
  expect(await slots.run(() => Promise.resolve('free again'))).toBe('free again');
});
