import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { type Check, none } from './check.ts';
import { APIS, type ChaosHouse, WORKERS } from './house.ts';
import { findLeaks } from './leaks.ts';
import { environmentOf } from './second-machine.ts';

const STARTS = /Starting Nest application|^起動できませんでした/;
/** Of what a process says that could not start: the rest is that what it needs was away. */
const DEFECT = /^起動できませんでした \[START\.(?:CONFIGURATION_INVALID|UNEXPECTED)\]/;
const IS_UP = /"event":"(worker\.started|api\.listening)"/;

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

/**
 * Processes log JSON alone: what Node prints when an error that nobody caught ends one, or its memory is over, is not. One that
 * finds its database away when it comes up ends, too, and is started again: that is no crash.
 */
function findCrashes(house: ChaosHouse): string[] {
  return [...APIS, ...WORKERS].flatMap((name) =>
    [`${name}.log.1`, `${name}.log`]
      .filter((file) => existsSync(join(house.logDirectory, file)))
      .flatMap((file) => {
        const lines = readFileSync(join(house.logDirectory, file), 'utf8').split('\n');
        let isUp = false;
        return lines.flatMap((line, at) => {
          if (STARTS.test(line)) isUp = false;
          else if (IS_UP.test(line)) isUp = true;
          const crashed = line.startsWith('FATAL ERROR') || DEFECT.test(line) || (isUp && /^Node\.js v\d/.test(line));
          return crashed ? [`${file}:${at + 1} ${lines.slice(Math.max(0, at - 30), at + 1).join(' ')}`] : [];
        });
      }),
  );
}
