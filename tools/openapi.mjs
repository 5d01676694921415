import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { writeContract } from './lib/openapi.mjs';
import { launch } from './lib/root.mjs';

await launch(async () => {
  await ensureModules();
  await ensureBuilt(['server']);
  await writeContract();
  console.log('openapi.json、API クライアントの型、権限の表を書き出しました。');
});
