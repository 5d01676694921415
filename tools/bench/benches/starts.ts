import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../lib/root.mjs';
import { RunningProduct } from '../../services/running-product.ts';
import { type Bench, type BenchContext, judged, type Row } from '../bench.ts';
import { CityClient } from '../load/city-client.ts';
import { HttpConnection } from '../load/http-connection.ts';

const FRESH_GOAL_SECONDS = 240;
const LATER_GOAL_SECONDS = 10;
const FRESH_PATIENCE_MS = 600_000;
const QUESTION = { prompt: '粗大ごみの出し方を要約してください。', maxTokens: 200 };

/**
 * From `git clone` of what is committed, into a path with a blank in it and nothing installed, through `npm start` to the
 * first answered question; and how long a second `npm start` there takes to be ready.
 */
export const starts: Bench = { id: 'start', run: measure };

async function measure({ directory, say, scope }: BenchContext): Promise<Row[]> {
  const root = join(directory, 'fresh clone');
  const options = {
    root,
    home: join(root, '.moyai'),
    command: ['npm', 'start'] as const,
    patienceMs: FRESH_PATIENCE_MS,
  };
  const load = loadavg()[0]!;
  const beganAt = performance.now();
  const elapsed = () => (performance.now() - beganAt) / 1000;
  clone(root);
  await using left = scope();
  const fresh = await RunningProduct.start(options);
  left.defer(() => fresh.stop({ keepData: true }));
  const readySeconds = elapsed();
  say(`${readySeconds.toFixed(0)} 秒で準備ができました`);
  await askOnce(fresh);
  const answeredSeconds = elapsed();
  await fresh.stop({ keepData: true });
  const startedAgainAt = performance.now();
  const later = await RunningProduct.start(options);
  const laterSeconds = (performance.now() - startedAgainAt) / 1000;
  left.defer(() => later.stop());
  const unit = '秒';
  return [
    judged(
      {
        id: 'start.fresh',
        name: 'git clone から最初の回答まで',
        value: answeredSeconds,
        unit,
        note: `npm install を含む（npm のキャッシュはこの機械のまま）。準備完了まで ${readySeconds.toFixed(0)} 秒。load ${load.toFixed(1)}`,
      },
      '<=',
      FRESH_GOAL_SECONDS,
    ),
    judged(
      {
        id: 'start.later',
        name: '2 回目の npm start から準備完了まで',
        value: laterSeconds,
        unit,
        note: `load ${loadavg()[0]!.toFixed(1)}`,
      },
      '<=',
      LATER_GOAL_SECONDS,
    ),
  ];
}

function clone(root: string): void {
  const done = spawnSync('git', ['clone', '--quiet', '--no-hardlinks', ROOT, root], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`git clone: ${done.error?.message ?? done.stderr}`);
}

async function askOnce(product: RunningProduct): Promise<void> {
  using connection = new HttpConnection(product.demo.origins.lgwan);
  const staff = await CityClient.signIn(connection, product.demo.cities[0]!);
  await staff.ask(QUESTION);
}
