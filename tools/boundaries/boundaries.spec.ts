import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../lib/root.mjs';
import rules from '../../.dependency-cruiser.mjs';

/** For every rule the smallest program that breaks it: file -> its text. */
const VIOLATIONS: Record<string, Record<string, string>> = {
  'row-0-kernel': { 'libs/kernel/src/a.ts': "import '#libs/config';" },
  'row-1-config': { 'libs/config/src/a.ts': "import '#libs/database';" },
  'row-2-observability-database-queue-spreadsheet-table-reader': {
    'libs/database/src/a.ts': "import type { Any } from '#libs/audit';",
  },
  'row-3-audit': { 'libs/audit/src/a.ts': "import '#libs/tenancy';" },
  'row-4-notices': { 'libs/notices/src/a.ts': "import '#libs/tenancy';" },
  'row-5-tenancy': { 'libs/tenancy/src/a.ts': "import '#libs/jobs';" },
  'row-6-identity-guardrail-metering-pricing-model-pool': {
    'libs/metering/src/a.ts': "import '#libs/jobs';",
    'libs/identity/src/a.ts': "import '#libs/metering';",
  },
  'row-7-templates': { 'libs/templates/src/a.ts': "import '#libs/jobs';" },
  'row-8-sso-jobs-billing-roster': { 'libs/billing/src/a.ts': "import '#libs/jobs';" },
  'lib-has-a-row': { 'apps/worker/src/b.ts': "import '#libs/shared';" },
  'lib-through-its-door': { 'apps/api/src/c.ts': "import '../../../libs/jobs/src/private.ts';" },
  'lib-knows-no-app': { 'libs/jobs/src/d.ts': "import '../../../apps/api/src/main.ts';" },
  'app-knows-no-app': { 'apps/worker/src/e.ts': "import '../../api/src/main.ts';" },
  'portal-knows-the-client-alone': { 'apps/portal/app/page.tsx': "import '#libs/kernel';" },
  'client-knows-no-lib': { 'libs/api-client/src/f.ts': "import '#libs/kernel';" },
  'test-support-in-specs-alone': {
    'libs/jobs/src/g.ts': "import '#libs/testing';",
    'libs/jobs/src/o.ts': "import './p.fixture.ts';",
  },
  'spec-is-a-leaf': { 'libs/jobs/src/h.ts': "import './fine.spec.ts';" },
  'e2e-is-a-black-box': { 'e2e/i.e2e.ts': "import '#libs/jobs';" },
  'no-cycle': { 'libs/jobs/src/j.ts': "import './k.ts';" },
  'import-resolves': { 'libs/jobs/src/l.ts': "import './nowhere.ts';" },
  'package-is-declared': { 'libs/jobs/src/m.ts': "import 'undeclared';" },
  'product-needs-no-dev-package': { 'libs/jobs/src/n.ts': "import 'development';" },
};

const LIBS =
  'kernel config observability database queue audit notices tenancy identity metering jobs billing shared api-client testing';

/** What the violations need to be possible. */
const targets = {
  'libs/jobs/src/private.ts': 'export {};',
  'libs/jobs/src/p.fixture.ts': 'export {};',
  'libs/jobs/src/k.ts': "import './j.ts';",
};

const clean = {
  'libs/kernel/src/fine.ts': "import './index.ts';",
  'libs/jobs/src/fine.ts': "import '#libs/metering'; import '#libs/kernel'; import 'declared';",
  'libs/jobs/src/fine.spec.ts': "import '#libs/testing'; import 'development';",
  'apps/api/src/main.ts': "import '#libs/jobs';",
  'apps/portal/app/fine.tsx': "import '#libs/api-client';",
};

let house: string;
let found: { name: string; from: string }[];

/** A house of its own in which every rule is broken once, judged by the rules of this one. */
beforeAll(async () => {
  house = mkdtempSync(join(tmpdir(), 'moyai-boundaries-'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(house, file)), { recursive: true });
    writeFileSync(join(house, file), text);
  };
  const manifest = {
    imports: { '#libs/*': { source: './libs/*/src/index.ts' } },
    dependencies: { declared: '1.0.0' },
    devDependencies: { development: '1.0.0' },
  };
  write('package.json', JSON.stringify(manifest));
  for (const lib of LIBS.split(' ')) write(`libs/${lib}/src/index.ts`, 'export type Any = 1;');
  for (const name of ['declared', 'development', 'undeclared']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const files of [clean, targets, ...Object.values(VIOLATIONS)]) {
    for (const [file, text] of Object.entries(files)) write(file, text);
  }
  const { tsConfig: _, ...options } = rules.options;
  const result = await cruise(
    ['apps', 'libs', 'e2e'],
    { ...options, baseDir: house, ruleSet: { forbidden: rules.forbidden }, validate: true },
    rules.options.enhancedResolveOptions,
    { tsConfig: extractTSConfig(join(ROOT, 'tsconfig.json')) },
  );
  found = (result.output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ name: rule.name, from }));
});

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe('boundaries', () => {
  it.each(rules.forbidden.map(({ name }) => name))('%s bites', (name) => {
    const files = Object.keys(VIOLATIONS[name] ?? {});
    expect(files.length, 'every rule needs a violation here').toBeGreaterThan(0);
    const bitten = found.filter((violation) => violation.name === name).map(({ from }) => from);
    expect(bitten).toEqual(expect.arrayContaining(files));
  });

  it('leave what is allowed alone', () => {
    expect(found.filter(({ from }) => from in clean)).toEqual([]);
  });

  it('say why they exist', () => {
    for (const rule of rules.forbidden) expect(rule.comment.length).toBeGreaterThan(40);
  });
});
