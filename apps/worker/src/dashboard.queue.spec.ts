import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Metrics } from '#libs/observability';
import { type TestApi, createTestApi } from '../../api/test/test-api.ts';
import { type House, openHouse } from '../test/job-house.ts';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const deployed = (file: string): string => readFileSync(new URL(`../../../deploy/${file}`, import.meta.url), 'utf8');
const dashboard = JSON.parse(deployed('grafana/moyai-pool.json')) as { panels: Panel[] };
const namesIn = (text: string): string[] => [...new Set([...text.matchAll(/\bmoyai_\w+/g)].map(([name]) => name))];

describe('what watches the pool', () => {
  let house: House;
  let api: TestApi;
  const told = new Set<string>();
  const samples = new Set<string>();
  beforeAll(async () => {
    [house, api] = await Promise.all([openHouse('postgres'), createTestApi()]);
    const { app } = await house.startWorker();
    for (const process of [app, api.app]) {
      const { body } = await process.get(Metrics).expose();
      for (const [, name, type] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm))
        for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) told.add(name! + suffix);
      for (const [, sample] of body.matchAll(/^(\S+) \S+$/gm)) samples.add(sample!);
    }
  });
  afterAll(async () => {
    await house.close();
    await api[Symbol.asyncDispose]();
  });

  it('asks for nothing that the processes do not tell', () => {
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const asked = namesIn([...expressions, deployed('prometheus/alerts.yml')].join('\n'));
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter((name) => !told.has(name))).toEqual([]);
  });

  it('has at nothing, from the start, what an alarm compares with nothing', () => {
    const compared = deployed('prometheus/alerts.yml').match(/\bmoyai_\w+\{\w+="\w+"\}/g) ?? [];
    expect(compared.length).toBeGreaterThan(0);
    expect(compared.filter((sample) => !samples.has(sample))).toEqual([]);
  });

  it('has at nothing, from the start, each way in which a job begins or ends', () => {
    const ways = ['urgent', 'interactive', 'batch'].map((lane) => `moyai_executions_total{lane="${lane}"}`);
    for (const outcome of ['completed', 'failed', 'cancelled']) ways.push(`moyai_jobs_total{outcome="${outcome}"}`);
    expect(ways.filter((sample) => !samples.has(sample))).toEqual([]);
  });

  it('draws the use of a quota by what was taken in a minute, which the room of a moment does not tell', () => {
    for (const kind of ['tokens', 'requests']) {
      const granted = new RegExp(`rate\\(\\w+\\[1m\\]\\)\\) \\* 60 / .*moyai_deployment_${kind}_granted`);
      expect(dashboard.panels.some(({ targets = [] }) => targets.some(({ expr }) => granted.test(expr)))).toBe(true);
    }
  });

  it('tells how many jobs a worker runs at once, and none when it takes nothing new', async () => {
    const { app, worker } = await house.startWorker();
    const exposed = async () => (await app.get(Metrics).expose()).body.split('\n');
    expect(await exposed()).toContain(`moyai_worker_places ${house.config.worker.concurrency}`);
    await worker.drain();
    expect(await exposed()).toContain('moyai_worker_places 0');
  });

  it('draws everything they tell of the pool and of jobs', () => {
    const shown = JSON.stringify(dashboard);
    const ours = [...told].filter((name) => !/^moyai_(?:process|nodejs)_|_(?:sum|count)$/.test(name));
    expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
