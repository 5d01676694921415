import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProvidedStack } from '#libs/testing';
import type { TestProject } from 'vitest/node';
import { RunningProduct } from '../services/running-product.ts';
import { vendorSession } from '../services/vendor-sign-in.ts';

/** Once per run: the product as `npm start` starts it, on ports and data of its own. Its end is a test too: nothing may be left. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = mkdtempSync(join(tmpdir(), 'moyai-e2e-'));
  chmodSync(home, 0o755);
  const product = await RunningProduct.start({ home, environment: withoutTestSettings() });
  const demo = JSON.parse(readFileSync(join(home, 'demo.json'), 'utf8')) as Omit<ProvidedStack, 'home'>;
  const vendor = [];
  for (const person of demo.vendor)
    vendor.push({ ...person, cookie: await vendorSession(demo.origins.vendor, person) });
  project.provide('stack', { ...demo, home, vendor });
  return () => product.stop();
}

/** Settings of this test run must not reach the product: it gets what a person's shell would have. */
function withoutTestSettings(): NodeJS.ProcessEnv {
  const ours = /^(?:VITEST|NODE_ENV|NODE_OPTIONS|TEST$|DEV$|PROD$|SSR$|MODE$)/;
  return Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => ours.test(name))
      .map((name) => [name, undefined]),
  );
}
