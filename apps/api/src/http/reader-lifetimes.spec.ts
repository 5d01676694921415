import type { Response } from 'express';
import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { CityActor } from '#libs/identity';
import { newId, tenantId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { Signals } from '#libs/queue';
import { ReaderLifetimes } from './reader-lifetimes.ts';

/** Signals of one process alone. */
class InnerSignals extends Signals {
  protected broadcast(message: string): void {
    this.receive(message);
  }
}

/** One who can go on elsewhere and one who cannot, of two keys. */
function scene() {
  const signals = new InnerSignals();
  const lifetimes = new ReaderLifetimes(signals, new Metrics());
  const ended: string[] = [];
  const open = (name: string, resumable: boolean) => {
    const actor = { type: 'api_key', id: name } as CityActor;
    const response = new PassThrough() as unknown as Response;
    const { signal } = lifetimes.open(actor, response, { resumable, end: (code) => ended.push(`${name} ${code}`) });
    return { response, signal };
  };
  return { signals, lifetimes, ended, portal: open('portal', true), client: open('client', false) };
}

describe('the readers of an api', () => {
  it('are sent elsewhere by a process that stops, those who can go on there', () => {
    const { lifetimes, ended, portal, client } = scene();
    lifetimes.sendElsewhere();
    expect(ended).toEqual(['portal undefined']);
    expect([portal.signal.aborted, client.signal.aborted]).toEqual([true, false]);
  });

  it('are told by a process that waits no longer that the rest is missing', () => {
    const { lifetimes, ended, client } = scene();
    lifetimes.sendElsewhere();
    lifetimes.sendAway();
    expect(ended).toEqual(['portal undefined', 'client SYSTEM.UNAVAILABLE']);
    expect(client.signal.aborted).toBe(true);
  });

  it('hear of the end of their key in a process that stops, too', async () => {
    const { signals, lifetimes, ended } = scene();
    lifetimes.sendElsewhere();
    signals.publish({ kind: 'api-key.revoked', tenantId: tenantId(newId()), apiKeyId: 'client' });
    await vi.waitFor(() => expect(ended).toEqual(['portal undefined', 'client undefined']));
  });

  it('are not told anything when they have left by themselves', () => {
    const { ended, client } = scene();
    client.response.emit('close');
    expect(client.signal.aborted).toBe(true);
    expect(ended).toEqual([]);
  });
});
