import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { type Check, none } from './check.ts';
import { APIS, type ChaosHouse, WORKERS } from './house.ts';
import { findLeaks } from './leaks.ts';
import { environmentOf } from './second-machine.ts';

/** What the run left behind: an unbroken audit trail, and no content in the open. */
export async function checkTraces(house: ChaosHouse, canary: string): Promise<Check[]> {
  const { code, output } = await verifyAudit(house);
  return [
    { name: 'audit:verify, exit code', value: code, expected: '0', met: code === 0, where: code === 0 ? [] : [output] },
    none('crashes of api and workers', findCrashes(house)),
    none('places where the planted word can be read', await findLeaks(house, canary)),
  ];
}

/** The auditor's own command, against the anchors outside the database. */
async function verifyAudit(house: ChaosHouse): Promise<{ code: number; output: string }> {
  const env = environmentOf(house.product);
  const program = join(ROOT, 'dist', 'apps', 'worker', 'src', 'cli', 'audit-verify.js');
  const child = spawn(process.execPath, [program], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? 1)));
  return { code, output };
}

/** Processes log JSON alone; what Node prints of an error that nobody caught, or that ends a start, is not. */
function findCrashes(house: ChaosHouse): string[] {
  return [...APIS, ...WORKERS].flatMap((name) => {
    const lines = readFileSync(join(house.logDirectory, `${name}.log`), 'utf8').split('\n');
    return lines.flatMap((line, at) =>
      /internal\/process\/promises|Unhandled 'error' event|^ConfigurationError/.test(line)
        ? [`${name}.log:${at + 1} ${lines.slice(at, at + 6).join(' ')}`]
        : [],
    );
  });
}
