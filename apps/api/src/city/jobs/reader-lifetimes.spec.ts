import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CityActor } from '#libs/identity';
import { Metrics } from '#libs/observability';
import { Signals } from '#libs/queue';
import { ReaderLifetimes } from './reader-lifetimes.ts';

/** Signals of one process alone. */
class InnerSignals extends Signals {
  protected broadcast(message: string): void {
    this.receive(message);
  }
}

const actor = {} as CityActor;

describe('a reader of a process that stops', () => {
  const lifetimes = new ReaderLifetimes(new InnerSignals(), new Metrics());
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/begun') response.write('words');
      lifetimes.open(actor, response as Response);
      lifetimes.beforeApplicationShutdown();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('has the end of a stream that had begun', async () => {
    expect(await (await fetch(`${origin}/begun`)).text()).toBe('words');
  });

  it('never takes an answer that had not begun for an empty one', async () => {
    await expect(fetch(`${origin}/waiting`)).rejects.toThrow();
  });
});
