import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot, productNode, Refusal } from './root.mjs';
import { runQuietly } from './run.mjs';

const SKIPPED = new Set(['node_modules', '.next', 'dist', 'next-env.d.ts', 'tsconfig.tsbuildinfo']);

/** The two things that are built: what it takes, where the stamp of its sources stands, and how it is made. */
const TARGETS = [
  {
    id: 'server',
    name: 'サーバー',
    sources: [
      'apps/api',
      'apps/worker',
      'apps/model-simulator',
      'libs',
      'migrations',
      'tools/tsconfig.build.json',
      'tsconfig.json',
      'package-lock.json',
    ],
    stamp: 'dist/.sources',
    command: ['node_modules/@typescript/native/bin/tsc', '-p', 'tools/tsconfig.build.json'],
  },
  {
    id: 'portal',
    name: '画面',
    sources: ['apps/portal', 'libs/api-client', 'package-lock.json'],
    stamp: 'apps/portal/.next/.sources',
    command: ['node_modules/next/dist/bin/next', 'build', 'apps/portal'],
  },
];

/** Builds what has changed since it was last built, by content and not by date. */
export async function ensureBuilt(ids = TARGETS.map(({ id }) => id)) {
  await Promise.all(TARGETS.filter(({ id }) => ids.includes(id)).map(buildIfStale));
}

async function buildIfStale({ name, sources, stamp, command }) {
  const fingerprint = fingerprintOf(sources);
  const stampFile = fromRoot(stamp);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === fingerprint) return;
  console.log(`${name}を組み立てています`);
  const [program, ...args] = command;
  const { code, output } = await runQuietly(productNode(), [fromRoot(program), ...args], {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  });
  if (code !== 0) throw new Refusal(`${name}を組み立てられませんでした。\n\n${output}`);
  writeFileSync(stampFile, fingerprint);
}

/** One hash over the names and contents of all files. */
function fingerprintOf(sources) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = fromRoot(path);
    if (!existsSync(full)) return;
    let entries;
    try {
      entries = readdirSync(full, { withFileTypes: true });
    } catch {
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) visit(join(path, entry.name));
      else
        hash
          .update(`${path}/${entry.name}\0`)
          .update(readFileSync(join(full, entry.name)))
          .update('\0');
    }
  };
  for (const source of sources) visit(source);
  return hash.digest('hex');
}
