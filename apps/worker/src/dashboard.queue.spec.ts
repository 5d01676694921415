import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Metrics } from '#libs/observability';
import { type TestApi, createTestApi } from '../../api/test/test-api.ts';
import { type House, openHouse } from '../test/job-house.ts';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../../deploy/grafana/moyai-pool.json', import.meta.url), 'utf8'),
) as { panels: Panel[] };

describe('the Grafana dashboard', () => {
  let house: House;
  let api: TestApi;
  const told = new Set<string>();
  beforeAll(async () => {
    [house, api] = await Promise.all([openHouse('postgres'), createTestApi()]);
    const { app } = await house.startWorker();
    for (const process of [app, api.app]) {
      const { body } = await process.get(Metrics).expose();
      for (const [, name, type] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm))
        for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) told.add(name! + suffix);
    }
  });
  afterAll(async () => {
    await house.close();
    await api[Symbol.asyncDispose]();
  });

  it('asks for nothing that the processes do not tell', () => {
    const asked = dashboard.panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/\bmoyai_\w+/g)].map(([name]) => name)),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect([...new Set(asked)].filter((name) => !told.has(name))).toEqual([]);
  });

  it('shows everything they tell of the pool and of jobs', () => {
    const shown = JSON.stringify(dashboard);
    const ours = [...told].filter((name) => !/^moyai_(?:process|nodejs)_|_(?:sum|count)$/.test(name));
    expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
