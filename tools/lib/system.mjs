import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refusal } from './root.mjs';

const NGINX_MODULES = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules', '/usr/local/lib/nginx/modules'];
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** What the tests need from the machine itself, and the Debian packages it comes in. Without an optional one its tests are skipped. */
const NEEDS = [
  { what: 'Redis', packages: ['redis-server'], find: () => findProgram(['redis-server']) },
  { what: 'Chromium', packages: ['chromium', 'fonts-noto-cjk'], find: findChromium },
  { what: 'nginx（njs）', packages: ['nginx', 'libnginx-mod-http-js'], find: findNginx, optional: true },
  { what: 'promtool', packages: ['prometheus'], find: findPromtool, optional: true },
];

/** Installs what is missing where that is allowed (root on Debian or Ubuntu), else says which packages to ask for. */
export function ensureTestPrograms() {
  const missing = NEEDS.filter(({ find }) => !find());
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => need.packages);
  if (process.getuid?.() === 0 && findProgram(['apt-get'])) {
    console.log(`${namesOf(missing)} を入れています（apt-get install ${packages.join(' ')}）`);
    apt(['update']);
    apt(['install', '--yes', '--no-install-recommends', ...packages]);
  }
  const left = missing.filter(({ find }) => !find());
  if (left.length === 0) return;
  const request = `管理者に次を頼んでください: apt-get install ${left.flatMap((need) => need.packages).join(' ')}`;
  const lacking = namesOf(left);
  if (left.every(({ optional }) => optional)) console.log(`${lacking} がないため、その検査は行いません。${request}`);
  else throw new Refusal(`テストには ${lacking} が必要です。${request}`);
}

const namesOf = (needs) => needs.map(({ what }) => what).join(' と ');

/** Path of a Chromium or Chrome; CHROMIUM_PATH decides when it is set. */
export function findChromium() {
  return process.env.CHROMIUM_PATH || findProgram(CHROMIUM_NAMES);
}

/** nginx and the folder of its modules, when it has njs; the tests run deploy/nginx in it. */
export function findNginx() {
  const program = findProgram(['nginx']);
  const modules = NGINX_MODULES.find((folder) => existsSync(join(folder, 'ngx_http_js_module.so')));
  return program && modules ? { program, modules } : undefined;
}

/** What checks the rules of Prometheus and runs their tests. */
export function findPromtool() {
  return findProgram(['promtool']);
}

function apt(args) {
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function findProgram(names) {
  const directories = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin', '/usr/sbin');
  for (const name of names) {
    const found = directories.map((directory) => join(directory, name)).find((file) => existsSync(file));
    if (found) return found;
  }
  return undefined;
}
