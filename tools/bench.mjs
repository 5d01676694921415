import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { fromRoot, launch } from './lib/root.mjs';
import { runProgram } from './lib/run.mjs';

/** Measures the product on this machine: `npm run bench -- --only ttft,throughput.redis --json FILE`. */
await launch(async () => {
  await ensureModules();
  await ensureBuilt();
  return runProgram(fromRoot('tools', 'bench', 'main.ts'), process.argv.slice(2));
});
