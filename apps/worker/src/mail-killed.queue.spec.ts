import type { ChildProcess } from 'node:child_process';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { newId } from '#libs/kernel';
import { MailRelay } from '#libs/testing';
import { type House, openHouse } from '../test/job-house.ts';
import { kill, startWorkerProcess } from '../test/worker-process.ts';

/** A worker looks for mails every five seconds. */
const PATIENCE = { timeout: 60_000, interval: 20 };

describe('a mail whose worker is killed', () => {
  let house: House;
  let relay: MailRelay;
  let superuser: Client;
  const processes: ChildProcess[] = [];
  beforeAll(async () => {
    house = await openHouse('postgres');
    relay = await MailRelay.start();
    superuser = new Client({ connectionString: house.database.urls.superuser });
    await superuser.connect();
    await superuser.query(`UPDATE members SET mail_address = 'kanri@city.example.lg.jp' WHERE id = $1`, [
      house.requester.memberId,
    ]);
  });
  afterEach(async () => {
    relay.hold = null;
    relay.received.length = 0;
    await Promise.all(processes.splice(0).map(kill));
  });
  afterAll(async () => {
    await superuser.end();
    await relay[Symbol.asyncDispose]();
    await house.close();
  });

  const startWorker = async () => {
    const started = await startWorkerProcess({
      ...house.config,
      smtp: { from: 'moyai@vendor.example.jp', url: relay.url },
    });
    processes.push(started);
    return started;
  };
  const enqueue = async (): Promise<string> => {
    const id = newId();
    await superuser.query(
      `INSERT INTO mails (tenant_id, id, member_id, kind, subject, body, created_at, not_before)
       VALUES ($1, $2, $3, 'maintenance.announced', '保守', '本文', now(), now())`,
      [house.requester.scope.tenantId, id, house.requester.memberId],
    );
    return id;
  };
  const stateOf = async (id: string) =>
    (await superuser.query<{ state: string; tries: number }>('SELECT state, tries FROM mails WHERE id = $1', [id]))
      .rows[0];

  it.each([
    // The relay has it and nobody knows: SMTP has no way to ask. The mailbox can tell by the Message-ID.
    ['after the relay had it whole is sent again, and knows itself by one Message-ID', 'answer', 2],
    ['before the relay had it is sent by another, once', 'receiver', 1],
  ] as const)(
    '%s',
    async (_what, hold, arrives) => {
      relay.held = 0;
      relay.hold = hold;
      const id = await enqueue();
      const killed = await startWorker();
      await vi.waitUntil(() => relay.held === 1, PATIENCE);
      await kill(killed);
      expect(await stateOf(id)).toEqual({ state: 'waiting', tries: 1 });

      relay.hold = null;
      // The pause after the first try is over
      await superuser.query('UPDATE mails SET not_before = now() WHERE id = $1', [id]);
      await startWorker();
      await vi.waitUntil(async () => (await stateOf(id))?.state === 'sent', PATIENCE);
      expect(relay.received.map(({ headers }) => headers.get('message-id'))).toEqual(
        Array.from({ length: arrives }, () => `<${id}@vendor.example.jp>`),
      );
    },
    150_000,
  );
});
