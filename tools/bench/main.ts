import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { admission } from './benches/admission.ts';
import { cityMonth } from './benches/city-month.ts';
import { close } from './benches/close.ts';
import { consoleCities } from './benches/console-cities.ts';
import { exitMillion } from './benches/exit-million.ts';
import { fairnessByWeight } from './benches/fairness-weights.ts';
import { fairness } from './benches/fairness.ts';
import { gateway } from './benches/gateway.ts';
import { importMembers } from './benches/import-members.ts';
import { invoicePdf } from './benches/invoice-pdf.ts';
import { ingest } from './benches/ingest.ts';
import { openStreams } from './benches/open-streams.ts';
import { quota } from './benches/quota.ts';
import { slowReaders } from './benches/slow-readers.ts';
import { starts } from './benches/starts.ts';
import { streamMemory } from './benches/stream-memory.ts';
import { throughput } from './benches/throughput.ts';
import { timeToFirstToken } from './benches/time-to-first-token.ts';
import { describeMachine } from './machine.ts';
import { formatTable } from './table.ts';

const BENCHES: readonly Bench[] = [
  starts,
  timeToFirstToken('postgres'),
  timeToFirstToken('redis'),
  throughput('redis'),
  throughput('postgres'),
  streamMemory,
  fairness(99),
  fairness(1_799),
  fairnessByWeight,
  admission,
  quota,
  gateway,
  openStreams,
  slowReaders,
  ingest,
  close,
  cityMonth,
  consoleCities,
  invoicePdf,
  importMembers,
  exitMillion,
];

/** Everything that is open now and must not be left behind. */
const scopes = new Set<AsyncDisposableStack>();
let breakingOff: Promise<void> | undefined;

const { values: options } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const wanted = options.only?.split(',').map((id) => id.trim());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void (breakingOff ??= breakOff()));
process.exitCode = await main();

/** @returns 1 when a bench could not be run; a goal that is not met is a result like any other */
async function main(): Promise<number> {
  const chosen = BENCHES.filter(({ id }) => !wanted || wanted.some((name) => isPartOf(id, name) || isPartOf(name, id)));
  if (chosen.length === 0) {
    console.error(`--only に合うものがありません。あるもの: ${BENCHES.map(({ id }) => id).join(', ')}`);
    return 1;
  }
  console.log(describeMachine());
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const bench of chosen) {
    if (breakingOff) break;
    try {
      rows.push(...(await runAlone(bench)).filter(({ id }) => !wanted || wanted.some((name) => isPartOf(id, name))));
    } catch (error) {
      failures.push(bench.id);
      console.error(`${bench.id} は測れませんでした:`, error);
    }
  }
  console.log(`\n${formatTable(rows)}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  const missed = rows.filter(({ met }) => met === false).map(({ id }) => id);
  if (missed.length > 0) console.log(`\n未達: ${missed.join(', ')}`);
  if (failures.length > 0) console.log(`\n測れなかったもの: ${failures.join(', ')}`);
  return failures.length === 0 && !breakingOff ? 0 : 1;
}

/** `ttft.redis.p50` is a part of `ttft.redis`, and that of `ttft`. */
function isPartOf(id: string, whole: string): boolean {
  return id === whole || id.startsWith(`${whole}.`);
}

async function runAlone(bench: Bench): Promise<Row[]> {
  console.log(`\n${bench.id} を測っています`);
  const directory = mkdtempSync(join(tmpdir(), 'moyai-bench-'));
  chmodSync(directory, 0o755); // PostgreSQL runs as somebody else when we are root
  try {
    return await bench.run({ directory, scope: openScope, say: (message) => console.log(`  ${message}`) });
  } finally {
    await breakingOff; // what is being stopped may still write
    rmSync(directory, { recursive: true, force: true });
  }
}

function openScope(): AsyncDisposableStack {
  const scope = new AsyncDisposableStack();
  scopes.add(scope);
  scope.defer(() => void scopes.delete(scope));
  return scope;
}

/** Ctrl-C: stops what was started, the last first, before it ends. */
async function breakOff(): Promise<void> {
  for (const scope of [...scopes].reverse()) await scope.disposeAsync().catch(() => undefined);
}
