import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TenantId } from '#libs/kernel';
import type { KeyDestruction, KeyService, WrappedKey } from './key-service.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Keys wrapped when all cities shared one file. */
const SHARED = 'local-file';
const OWN = 'local-city';

/**
 * Wraps with a 32-byte key per city (base64, mode 0600) in a directory that all processes share: the embedded default.
 * A destroyed key leaves a record in its place, so that no process makes the city another one.
 */
export class LocalKeyService implements KeyService {
  /** @param sharedFile the one file of earlier versions; read as long as it is there */
  constructor(
    private readonly directory: string,
    private readonly sharedFile?: string,
  ) {}

  async generate(tenantId: TenantId): Promise<WrappedKey & { readonly key: Buffer }> {
    const key = randomBytes(KEY_BYTES);
    return { key, ...(await this.wrap(tenantId, key)) };
  }

  async unwrap(tenantId: TenantId, { wrappedKey, wrappingKeyId }: WrappedKey): Promise<Buffer> {
    const file = wrappingKeyId === SHARED ? this.sharedFile : this.keyFile(tenantId);
    if (!file) throw new Error('KEY_FILE is needed: a data key is still wrapped by the shared key');
    const decipher = createDecipheriv('aes-256-gcm', await readKey(file), wrappedKey.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(tenantId))
      .setAuthTag(wrappedKey.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrappedKey.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  async rewrap(tenantId: TenantId, wrapped: WrappedKey): Promise<WrappedKey | null> {
    if (wrapped.wrappingKeyId !== SHARED) return null;
    return this.wrap(tenantId, await this.unwrap(tenantId, wrapped));
  }

  async destroy(tenantId: TenantId): Promise<KeyDestruction> {
    const recorded = await this.destruction(tenantId);
    const file = this.keyFile(tenantId);
    if (!recorded) {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      const destroyedAt = new Date().toISOString();
      await writeOnce(this.recordFile(tenantId), JSON.stringify({ destroyedAt, fingerprint: await fingerprint(file) }));
    }
    // The record first: killed in between, no process takes the key for one that was never made.
    await overwrite(file);
    await rm(file, { force: true });
    const { destroyedAt } = (await this.destruction(tenantId))!;
    return { wrappingKeyId: OWN, destroyedAt, finalAt: destroyedAt };
  }

  async traces(tenantId: TenantId): Promise<string[]> {
    const files = [this.keyFile(tenantId), ...(this.sharedFile ? [this.sharedFile] : [])];
    const found = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
    return found.flat();
  }

  private async wrap(tenantId: TenantId, key: Buffer): Promise<WrappedKey> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.ownKey(tenantId), nonce).setAAD(Buffer.from(tenantId));
    const wrappedKey = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
    return { wrappedKey, wrappingKeyId: OWN };
  }

  /** The city's key, made at its first use. Several processes may want it at once: one of them makes it. */
  private async ownKey(tenantId: TenantId): Promise<Buffer> {
    if (await this.destruction(tenantId)) throw new Error(`the key of city ${tenantId} was destroyed`);
    const file = this.keyFile(tenantId);
    if (!(await exists(file))) {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await writeOnce(file, randomBytes(KEY_BYTES).toString('base64'));
    }
    return readKey(file);
  }

  private async destruction(tenantId: TenantId): Promise<{ readonly destroyedAt: Date } | null> {
    const file = this.recordFile(tenantId);
    if (!(await exists(file))) return null;
    const { destroyedAt } = JSON.parse(await readFile(file, 'utf8')) as { destroyedAt: string };
    return { destroyedAt: new Date(destroyedAt) };
  }

  private keyFile(tenantId: TenantId): string {
    return join(this.directory, `${tenantId}.key`);
  }

  private recordFile(tenantId: TenantId): string {
    return join(this.directory, `${tenantId}.destroyed`);
  }
}

async function readKey(file: string): Promise<Buffer> {
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`${file} must hold 32 bytes in base64`);
  return key;
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );

async function fingerprint(file: string): Promise<string | null> {
  if (!(await exists(file))) return null;
  return createHash('sha256')
    .update(await readKey(file))
    .digest('hex');
}

/** Whole or not at all, on the disk when this returns; what another process wrote first stays. */
async function writeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await synced(draft, 'wx', text);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
  const folder = await open(dirname(file));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What a file system keeps of a removed file should not be the key; one that writes elsewhere needs an encrypted volume. */
async function overwrite(file: string): Promise<void> {
  if (await exists(file)) await synced(file, 'r+', randomBytes(KEY_BYTES).toString('base64'));
}

async function synced(file: string, flags: string, text: string): Promise<void> {
  const handle = await open(file, flags, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
