import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fromRoot, productNode, Refusal } from './root.mjs';
import { runQuietly } from './run.mjs';

/** The contract as the api states it, the types of the portal's client and the table of who may do what, made from it. */
const COMMITTED = {
  document: 'openapi.json',
  types: 'libs/api-client/src/schema.gen.ts',
  permissions: 'docs/permissions.md',
};

/** Writes the files from the built api. */
export const writeContract = () => generate(Object.values(COMMITTED).map((file) => fromRoot(file)));

/** @returns {Promise<string[]>} the committed files that no longer say what the code says */
export async function driftedFiles() {
  const directory = mkdtempSync(join(tmpdir(), 'moyai-openapi-'));
  try {
    const committed = Object.values(COMMITTED);
    const fresh = committed.map((file) => join(directory, basename(file)));
    await generate(fresh);
    return committed.filter((file, index) => read(fromRoot(file)) !== read(fresh[index]));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function generate([document, types, permissions]) {
  await run([fromRoot('dist/apps/api/src/cli/write-openapi.js'), document, permissions]);
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
