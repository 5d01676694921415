import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureModules } from './lib/install.mjs';
import { fromRoot, launch } from './lib/root.mjs';
import { runProgram } from './lib/run.mjs';
import { ensureTestPrograms, findChromium } from './lib/system.mjs';

/** Every suite, or those named on the command line: `npm test -- libs/jobs`. */
await launch(async () => {
  const chosen = process.argv.slice(2);
  await ensureModules();
  ensureTestPrograms();
  await ensureBuilt();
  const directory = mkdtempSync(join(tmpdir(), 'moyai-report-'));
  const report = join(directory, 'report.json');
  try {
    const code = await runProgram(
      fromRoot('node_modules', 'vitest', 'vitest.mjs'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...chosen],
      { CHROMIUM_PATH: findChromium(), NODE_ENV: 'test' },
    );
    const { passed, failed } = countsOf(report, code);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** A file that could not even be loaded has no tests to count: it is one failure, and so is a run that broke off. */
function countsOf(report, code) {
  let passed = 0;
  let failed = 0;
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    for (const { status, assertionResults } of testResults) {
      passed += assertionResults.filter((test) => test.status === 'passed').length;
      const broken = assertionResults.filter((test) => test.status === 'failed').length;
      failed += status === 'failed' && broken === 0 ? 1 : broken;
    }
  } catch {
    failed = 1;
  }
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}
