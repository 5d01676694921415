import { expect, it } from 'vitest';
import { DryRuns } from './dry-runs.ts';

it('looks at two files at once, at one of each member, and lets others wait in turn', async () => {
  const runs = new DryRuns();
  const begun: string[] = [];
  const doors = new Map(['a', 'b', 'c', 'd'].map((member) => [member, Promise.withResolvers<void>()]));
  const ended = [...doors].map(([member, { promise }]) =>
    runs.run(member, async () => {
      begun.push(member);
      await promise;
    }),
  );
  expect(begun).toEqual(['a', 'b']);
  // Also of who only waits
  for (const member of ['a', 'd'])
    await expect(runs.run(member, () => Promise.resolve())).rejects.toMatchObject({
      code: 'BATCHES.DRY_RUN_UNDER_WAY',
    });
  doors.get('b')!.reject(new Error('one that fails makes room, too'));
  await expect(ended[1]).rejects.toThrow('makes room');
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const member of ['a', 'c', 'd']) doors.get(member)!.resolve();
  await Promise.all([ended[0], ended[2], ended[3]]);
  expect(await runs.run('b', () => Promise.resolve('again'))).toBe('again');
});
