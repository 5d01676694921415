import { existsSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { driftedFiles } from './lib/openapi.mjs';
import { fromRoot, launch, productNode } from './lib/root.mjs';
import { runQuietly } from './lib/run.mjs';

const tool = (file, ...args) => [fromRoot('node_modules', file), ...args];
const tsc = (project) => tool('@typescript/native/bin/tsc', '--noEmit', '-p', project);

const CHECKS = [
  ['format', tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ['lint', tool('oxlint/bin/oxlint', '--deny-warnings')],
  ['types: server', tsc('tsconfig.json')],
  ['types: tools', tsc('tools/tsconfig.json')],
  ['types: e2e', tsc('e2e/tsconfig.json')],
  ['types: portal', tsc('apps/portal/tsconfig.json')],
  ['messages: all shown', [fromRoot('tools/messages/unused.ts')]],
  [
    'boundaries',
    tool(
      'dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'err-long',
    ).concat(['apps', 'libs', 'migrations', 'e2e', 'tools'].filter((folder) => existsSync(fromRoot(folder)))),
  ],
];

/** Runs every check, not only up to the first that fails: one round of mending for one run. */
await launch(async () => {
  await ensureModules();
  let failed = 0;
  const report = (name, problem) => {
    console.log(`${problem ? '✘' : '✔'} ${name}${problem ? `\n${problem}` : ''}`);
    if (problem) failed += 1;
  };
  for (const [name, command] of CHECKS) {
    const { code, output } = await runQuietly(productNode(), command);
    report(name, code === 0 ? '' : output || `exit code ${code}`);
  }
  report('OpenAPI drift', await openApiProblem());
  return failed === 0 ? 0 : 1;
});

async function openApiProblem() {
  try {
    await ensureBuilt(['server']);
    const drifted = await driftedFiles();
    return drifted.length > 0 ? `${drifted.join(', ')}: not what the code says. Run: npm run openapi` : '';
  } catch (error) {
    return error.message;
  }
}
