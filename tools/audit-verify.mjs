import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { fromRoot, launch } from './lib/root.mjs';
import { runProgram } from './lib/run.mjs';

await launch(async () => {
  await ensureModules();
  await ensureBuilt(['server']);
  return runProgram(fromRoot('tools', 'start', 'command.ts'), [
    'apps/worker/src/cli/audit-verify.js',
    ...process.argv.slice(2),
  ]);
});
