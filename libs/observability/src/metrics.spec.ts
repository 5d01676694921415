import { expect, it } from 'vitest';
import { Metrics } from './metrics.ts';

it('exposes counters, histograms and gauges, and gives the same one for the same name', async () => {
  const metrics = new Metrics();
  metrics.counter('moyai_jobs_total', 'Jobs finished', ['outcome']).inc({ outcome: 'completed' });
  metrics.counter('moyai_jobs_total', 'Jobs finished', ['outcome']).inc({ outcome: 'completed' });
  metrics.histogram('moyai_wait_seconds', 'Waiting', ['lane']).observe({ lane: 'urgent' }, 0.2);
  metrics.gauge('moyai_streams', 'Open streams', [], () => 3);
  const { contentType, body } = await metrics.expose();
  expect(contentType).toContain('text/plain');
  expect(body).toContain('moyai_jobs_total{outcome="completed"} 2');
  expect(body).toContain('moyai_wait_seconds_bucket{le="0.25",lane="urgent"} 1');
  expect(body).toContain('moyai_streams 3');
});

it('tells all who ask at once the same, and counts nothing twice for them', async () => {
  const metrics = new Metrics();
  const calls = metrics.counter('moyai_calls_total', 'Calls, counted elsewhere');
  metrics.beforeExposition(async () => {
    calls.reset();
    await Promise.resolve();
    calls.inc(7);
  });
  const told = await Promise.all([metrics.expose(), metrics.expose()]);
  for (const { body } of [...told, await metrics.expose()]) expect(body).toContain('moyai_calls_total 7');
});
