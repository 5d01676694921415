import { ManagementServer, startProcess } from '#libs/observability';
import { loadApiConfig } from './api-config.ts';
import { createApi } from './create-api.ts';

await startProcess(async () => {
  const config = loadApiConfig();
  const app = await createApi(config);
  app.enableShutdownHooks();
  await app.get(ManagementServer).listen();
  await app.listen(config.api.port, config.api.host);
  // The one line the process that started this one waits for.
  process.stdout.write(`${JSON.stringify({ event: 'api.listening', url: await app.getUrl() })}\n`);
});
