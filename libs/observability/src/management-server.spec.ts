import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { ManagementServer } from './management-server.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';

describe('the management port', () => {
  const metrics = new Metrics();
  const readiness = new Readiness();
  let server: ManagementServer;
  const start = async (port: number | undefined) => {
    server = new ManagementServer(
      { host: '127.0.0.1', port },
      metrics,
      readiness,
      createLogger('spec', { level: 'silent' }),
    );
    await server.listen();
    return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
  };
  afterEach(() => server.onApplicationShutdown());

  it('is closed unless it is asked for', async () => {
    await start(undefined);
    expect(server.port).toBeUndefined();
  });

  it('tells samples, refreshed for whoever asks', async () => {
    const streams = metrics.gauge('moyai_streams', 'Open streams');
    let open = 0;
    metrics.beforeExposition(async () => streams.set((open += 1)));
    const get = await start(0);
    expect(await (await get('/metrics')).text()).toContain('moyai_streams 1');
    expect(await (await get('/metrics')).text()).toContain('moyai_streams 2');
  });

  it('tells the other samples when one kind cannot be read', async () => {
    metrics.beforeExposition(() => Promise.reject(new Error('the database is away')));
    const get = await start(0);
    const response = await get('/metrics');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('moyai_streams');
  });

  it('tells life and readiness apart', async () => {
    let moving = true;
    readiness.add({ name: 'progress', check: () => (moving ? Promise.resolve() : Promise.reject(new Error('stuck'))) });
    const get = await start(0);
    expect((await get('/health/ready')).status).toBe(200);
    moving = false;
    const response = await get('/health/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'failing', checks: { progress: 'failing' } });
    expect((await get('/health/live')).status).toBe(200);
  });

  it('does nothing else', async () => {
    const get = await start(0);
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });
});
