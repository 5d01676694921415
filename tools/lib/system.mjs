import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal } from './root.mjs';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** What the tests need from the machine itself, and the Debian packages it comes in. */
const NEEDS = [
  { what: 'Redis', packages: ['redis-server'], find: () => findProgram(['redis-server']) },
  { what: 'Chromium', packages: ['chromium', 'fonts-noto-cjk'], find: findChromium },
];

/** Installs what is missing where that is allowed (root on Debian or Ubuntu), else says which packages to ask for. */
export function ensureTestPrograms() {
  const missing = NEEDS.filter(({ find }) => !find());
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => need.packages);
  const names = missing.map(({ what }) => what).join(' と ');
  if (process.getuid?.() === 0 && findProgram(['apt-get'])) {
    console.log(`${names} を入れています（apt-get install ${packages.join(' ')}）`);
    apt(['update']);
    apt(['install', '--yes', '--no-install-recommends', ...packages]);
  }
  const left = missing.filter(({ find }) => !find());
  if (left.length > 0) {
    throw new Refusal(
      `テストには ${names} が必要です。管理者に次を頼んでください: apt-get install ${left.flatMap((need) => need.packages).join(' ')}`,
    );
  }
}

/** Path of a Chromium or Chrome; CHROMIUM_PATH decides when it is set. */
export function findChromium() {
  return process.env.CHROMIUM_PATH || findProgram(CHROMIUM_NAMES);
}

function apt(args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function findProgram(names) {
  const directories = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin');
  for (const name of names) {
    const found = directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
    if (found) return found;
  }
  return undefined;
}
