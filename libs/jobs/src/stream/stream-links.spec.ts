import { createSecretKey, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TenantSeal } from '#libs/database';
import { newId, tenantId } from '#libs/kernel';
import { Metrics } from '#libs/observability';
import { FrozenClock } from '#libs/testing';
import { FaultProxy } from '../../../../tools/services/fault-proxy.ts';
import { JobMetrics } from '../job-metrics.ts';
import type { ClaimedJob } from '../run/run-repository.ts';
import { LiveAnswers } from './live-answers.ts';
import { StreamHub } from './stream-hub.ts';
import { StreamLinks } from './stream-links.ts';

const SECRET = 'a secret of the spec';
const NOW = new Date('2026-07-01T00:00:00Z');
const QUARTER_MINUTE = 15_000;

let hub: StreamHub;
let links: StreamLinks;
let way: FaultProxy;
let answers: LiveAnswers;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  hub = new StreamHub((answers = new LiveAnswers(new JobMetrics(new Metrics(), new FrozenClock(NOW)))));
  way = await FaultProxy.open('127.0.0.1', await hub.listen({ host: '127.0.0.1', port: 0, secret: SECRET }));
  links = new StreamLinks(SECRET);
});
afterEach(async () => {
  links.onApplicationShutdown();
  await way.become({ kind: 'closed' });
  await hub.close();
  vi.useRealTimers();
});

it('gives up a worker whose way carries nothing any more, within half a minute, and none that has only nothing to say', async () => {
  const seal = new TenantSeal(tenantId(newId()), new Map([[1, createSecretKey(randomBytes(32))]]), 1);
  /** What the worker says of it comes behind all that it was asked before. */
  const follow = async () => {
    const job = { id: newId(), fence: 1, lane: 'interactive', acceptedAt: NOW } as ClaimedJob;
    answers.open(job, seal);
    answers.append(job.id, job.fence, '回答');
    const replica = links.attach(`127.0.0.1:${way.port}`, job.id, seal, () => undefined);
    await vi.waitUntil(() => replica.text === '回答');
    return replica;
  };
  const replica = await follow();
  for (let quarter = 0; quarter < 4; quarter += 1) {
    vi.advanceTimersByTime(QUARTER_MINUTE);
    await follow();
  }
  expect(replica.over).toBe(false);

  await way.become({ kind: 'silent' });
  vi.advanceTimersByTime(QUARTER_MINUTE);
  expect(replica.over).toBe(false);
  vi.advanceTimersByTime(QUARTER_MINUTE);
  await vi.waitUntil(() => replica.over);
});
