import { once } from 'node:events';
import type { Listener } from './sign.ts';
import { createIngress } from './ingress.ts';

/** `INGRESS_LISTENERS=lgwan:3000,my_number:3001,vendor:3002`: which network is served on which loopback port. */
function listeners(text: string): { listener: Listener; port: number }[] {
  return text.split(',').map((entry) => {
    const [listener, port] = entry.split(':');
    if (!/^(?:lgwan|my_number|internet|vendor)$/.test(listener ?? '') || !Number(port)) {
      throw new Error(`INGRESS_LISTENERS: ${entry} is not <listener>:<port>`);
    }
    return { listener: listener as Listener, port: Number(port) };
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const servers = listeners(required('INGRESS_LISTENERS')).map(({ listener, port }) => ({
  port,
  server: createIngress({
    listener,
    secret: required('INGRESS_SECRET'),
    apiPort: Number(required('API_PORT')),
    portalPort: Number(required('PORTAL_PORT')),
  }),
}));
for (const { server, port } of servers) await once(server.listen(port, '127.0.0.1'), 'listening');

process.once('SIGTERM', () => {
  for (const { server } of servers) {
    server.close();
    server.closeIdleConnections();
  }
  // Open streams were already ended by the api, which is stopped before; what is left has no one to talk to
  setTimeout(() => process.exit(0), 2_000).unref();
});
