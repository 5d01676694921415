import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot, productNode, Refusal } from './root.mjs';
import { runQuietly } from './run.mjs';

/** The contract as the api states it, and the types the portal's client is generated from. */
const COMMITTED = { document: 'openapi.json', types: 'libs/api-client/src/schema.gen.ts' };

/** Writes both files from the built api. */
export const writeContract = () => generate(fromRoot(COMMITTED.document), fromRoot(COMMITTED.types));

/** @returns {Promise<string[]>} the committed files that no longer say what the code says */
export async function driftedFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'moyai-openapi-'));
  try {
    const [document, types] = [join(directory, 'openapi.json'), join(directory, 'schema.gen.ts')];
    await generate(document, types);
    return [
      [COMMITTED.document, document],
      [COMMITTED.types, types],
    ]
      .filter(([committed, fresh]) => read(fromRoot(committed)) !== read(fresh))
      .map(([committed]) => committed);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function generate(document, types) {
  await run([fromRoot('dist/apps/api/src/cli/write-openapi.js'), document]);
  await run([fromRoot('node_modules/openapi-typescript/bin/cli.js'), document, '--output', types]);
}

async function run(args) {
  const { code, output } = await runQuietly(productNode(), args);
  if (code !== 0) throw new Refusal(`OpenAPI を書き出せませんでした。\n\n${output}`);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
