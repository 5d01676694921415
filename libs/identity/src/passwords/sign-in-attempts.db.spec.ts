import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TenantDatabase, createDataSource } from '#libs/database';
import { type DomainError, newId, tenantId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { SignInAttempts, attemptCounter } from './sign-in-attempts.ts';

describe('the throttle of an account', () => {
  const tenant = tenantId(newId());
  const clock = new FrozenClock();
  const attempts = new SignInAttempts(clock);
  let database: TestDatabase;
  let source: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    source = await createDataSource(database.urls.app, 4).initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  /** @returns the seconds to wait, 0 when the attempt was let through */
  const attempt = (account: string): Promise<number> =>
    new TenantDatabase(source)
      .run({ tenantId: tenant, segment: 'lgwan' }, (tx) => attempts.claim(tx, attemptCounter(tenant, account, null)))
      .then(
        () => 0,
        (error: DomainError) => error.retryAfterSeconds!,
      );

  it('lets five through, then doubles the wait up to half a minute and no further', async () => {
    for (let free = 0; free < 5; free += 1) expect(await attempt('a')).toBe(0);
    for (const wait of [1, 2, 4, 8, 16, 30, 30, 30]) {
      expect(await attempt('a')).toBe(wait);
      clock.advance(wait * 1000 - 1);
      expect(await attempt('a')).toBeCloseTo(0.001);
      clock.advance(1);
      expect(await attempt('a')).toBe(0);
    }
  });

  it('holds up no free attempt that began before another and came after it', async () => {
    await attempt('g');
    clock.advance(-50);
    for (let free = 1; free < 5; free += 1) expect(await attempt('g')).toBe(0);
    expect(await attempt('g')).toBeCloseTo(1.05);
    clock.advance(50);
  });

  it('is not lengthened by attempts that come too early', async () => {
    for (let free = 0; free < 5; free += 1) await attempt('b');
    for (let early = 0; early < 50; early += 1) expect(await attempt('b')).toBe(1);
    clock.advance(1000);
    expect(await attempt('b')).toBe(0);
  });

  it('forgets after a day', async () => {
    for (let free = 0; free < 5; free += 1) await attempt('c');
    expect(await attempt('c')).toBe(1);
    clock.advance(24 * 3_600_000 + 1);
    for (let free = 0; free < 5; free += 1) expect(await attempt('c')).toBe(0);
    expect(await attempt('c')).toBe(1);
  });

  it('leaves no row behind of names that were guessed a day ago', async () => {
    for (const guess of ['x', 'y', 'z']) await attempt(guess);
    clock.advance(24 * 3_600_000 + 1);
    await attempt('d');
    const rows = await new TenantDatabase(source).run({ tenantId: tenant, segment: 'lgwan' }, (tx) =>
      tx.query<{ account_hash: Buffer }>('SELECT account_hash FROM sign_in_attempts'),
    );
    expect(rows.map(({ account_hash }) => account_hash)).toEqual([attemptCounter(tenant, 'd', null).accountHash]);
  });

  it('counts accounts and devices apart', async () => {
    const [a, b] = [attemptCounter(tenant, 'x', null), attemptCounter(tenant, 'x', 'device')];
    expect(a.accountHash.equals(b.accountHash)).toBe(false);
    for (let free = 0; free < 5; free += 1) await attempt('e');
    expect([await attempt('e'), await attempt('f')]).toEqual([1, 0]);
  });
});
