import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { fromRoot, launch } from './lib/root.mjs';
import { runProgram } from './lib/run.mjs';

/** Kills things under load and checks that nothing accepted was lost: `npm run chaos -- --seed N`. */
await launch(async () => {
  await ensureModules();
  await ensureBuilt();
  return runProgram(fromRoot('tools', 'chaos', 'main.ts'), process.argv.slice(2));
});
