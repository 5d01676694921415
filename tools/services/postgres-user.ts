import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run a PostgreSQL program: PostgreSQL refuses to run as root, so root has to lend it another identity. */
export interface PostgresIdentity {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** Words put before the program, empty in the ordinary case. */
  readonly wrapper: readonly string[];
}

const CURRENT_USER: PostgresIdentity = { uid: undefined, gid: undefined, wrapper: [] };

/**
 * Decides who runs PostgreSQL for a data directory.
 *
 * An ordinary user runs it himself. Root lends the identity that already owns the data, else the system's `postgres`, else `nobody`:
 * all of them exist already, so nothing is added to the machine's users. When that identity cannot even reach the files
 * (a clone under /root), it is given the one capability that lets it pass the closed directories.
 */
export function postgresIdentity(dataDirectory: string, binaries: string): PostgresIdentity {
  if (process.getuid?.() !== 0) return CURRENT_USER;
  const owner = ownerOf(dataDirectory) ?? systemUser('postgres') ?? systemUser('nobody');
  if (!owner)
    throw new Error('PostgreSQL cannot run as root, and this machine has neither a postgres nor a nobody user');
  if (isReachable(binaries, owner) && isReachable(dirname(dataDirectory), owner)) return { ...owner, wrapper: [] };
  return {
    uid: undefined,
    gid: undefined,
    wrapper: [
      'setpriv',
      `--reuid=${owner.uid}`,
      `--regid=${owner.gid}`,
      '--clear-groups',
      // access(2) drops the capabilities of a non-root caller unless this bit is set, and PostgreSQL asks access(2) first
      '--securebits=+no_setuid_fixup',
      '--inh-caps=+dac_override',
      '--ambient-caps=+dac_override',
    ],
  };
}

/** The uid and gid that PostgreSQL's files must belong to, or undefined when they are the current user's own. */
export function fileOwner(dataDirectory: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return ownerOf(dataDirectory) ?? systemUser('postgres') ?? systemUser('nobody');
}

function ownerOf(directory: string): { uid: number; gid: number } | undefined {
  const stats = statSync(directory, { throwIfNoEntry: false });
  return stats && stats.uid !== 0 ? { uid: stats.uid, gid: stats.gid } : undefined;
}

function systemUser(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

/** True when every directory on the way can be passed by someone who is in no group of ours. */
function isReachable(path: string, owner: { uid: number; gid: number }): boolean {
  accessSync(path, constants.F_OK);
  for (let directory = path; ; directory = dirname(directory)) {
    const { mode, uid, gid } = statSync(directory);
    const needed = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}
