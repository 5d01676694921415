import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { launch } from './lib/root.mjs';

await launch(async () => {
  await ensureModules();
  await ensureBuilt();
  console.log('組み立てが終わりました。');
});
