import { createCipheriv, randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId, tenantId } from '#libs/kernel';
import { type TestDatabase, createTestDatabase } from '#libs/testing';
import { ContentSeal } from './content-seal.ts';
import { createDataSource } from './data-sources.ts';
import { TenantDatabase } from './databases.ts';
import { LocalKeyService } from './local-key-service.ts';
import type { TenantScope } from './transaction.ts';

const TEXT = '住民税の減免について𠮷野家 é\u0000 end';
const REFUSAL = /unable to authenticate|not a sealed value|no data key of version/;
const place = { rowId: newId(), column: 'input_sealed' };

describe('sealed content', () => {
  let test: TestDatabase;
  let source: DataSource;
  let superuser: Client;
  let directory: string;
  let keyDirectory: string;
  let scope: TenantScope;
  let cities = 0;

  beforeAll(async () => {
    test = await createTestDatabase();
    source = await createDataSource(test.urls.app, 8).initialize();
    superuser = new Client({ connectionString: test.urls.superuser });
    await superuser.connect();
    directory = mkdtempSync(join(tmpdir(), 'moyai-keys-'));
    keyDirectory = join(directory, 'keys');
  });
  afterAll(async () => {
    await Promise.all([source.destroy(), superuser.end()]);
    await test.drop();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    scope = await newCity();
  });

  const newCity = async (): Promise<TenantScope> => {
    const id = tenantId(newId());
    cities += 1;
    await superuser.query(`INSERT INTO tenants VALUES ($1, $2, 'city', 'active', now(), now())`, [
      id,
      String(100_000 + cities),
    ]);
    return { tenantId: id, segment: 'lgwan' };
  };
  /** A process of its own: nothing in memory yet. */
  const newProcess = () => new ContentSeal(new TenantDatabase(source), new LocalKeyService(keyDirectory));

  it('opens to the same text, in another process too, and never seals alike twice', async () => {
    const seal = await newProcess().forTenant(scope);
    const sealed = seal.seal(place, TEXT);
    expect((await newProcess().forTenant(scope)).open(place, sealed)).toBe(TEXT);
    expect(seal.seal(place, TEXT)).not.toEqual(sealed);
    expect(sealed.includes(Buffer.from('住民税'))).toBe(false);
    expect(seal.open(place, seal.seal(place, ''))).toBe('');
  });

  it('does not open in another row, another column, for another city, or with any bit turned', async () => {
    const seal = await newProcess().forTenant(scope);
    const sealed = seal.seal(place, TEXT);
    const other = await newProcess().forTenant(await newCity());
    expect(() => seal.open({ ...place, rowId: newId() }, sealed)).toThrow(REFUSAL);
    expect(() => seal.open({ ...place, column: 'output_sealed' }, sealed)).toThrow(REFUSAL);
    expect(() => other.open(place, sealed)).toThrow(REFUSAL);
    for (let byte = 0; byte < sealed.length; byte++) {
      const turned = Buffer.from(sealed);
      turned[byte]! ^= 1;
      expect(() => seal.open(place, turned)).toThrow(REFUSAL);
    }
    for (const length of [0, 1, 20, sealed.length - 1])
      expect(() => seal.open(place, sealed.subarray(0, length))).toThrow(REFUSAL);
  });

  it('has one key for a city although many processes need its first at once', async () => {
    const seals = await Promise.all(Array.from({ length: 8 }, () => newProcess().forTenant(scope)));
    const sealed = seals.map((seal) => seal.seal(place, TEXT));
    for (const seal of seals) for (const bytes of sealed) expect(seal.open(place, bytes)).toBe(TEXT);
    const stored = await superuser.query('SELECT version FROM tenant_data_keys WHERE tenant_id = $1', [scope.tenantId]);
    expect(stored.rows).toEqual([{ version: 1 }]);
  });

  it('seals with the newest key and still opens what an older one sealed', async () => {
    const old = (await newProcess().forTenant(scope)).seal(place, TEXT);
    const { wrappedKey, wrappingKeyId } = await new LocalKeyService(keyDirectory).generate(scope.tenantId);
    await superuser.query('INSERT INTO tenant_data_keys VALUES ($1, 2, $2, $3, now())', [
      scope.tenantId,
      wrappedKey,
      wrappingKeyId,
    ]);
    const seal = await newProcess().forTenant(scope);
    expect(seal.open(place, old)).toBe(TEXT);
    expect(seal.seal(place, TEXT).readUInt32BE(1)).toBe(2);
  });

  it('cannot be opened with a wrapped key moved from one city to another, nor with another city’s key', async () => {
    const keys = new LocalKeyService(keyDirectory);
    const wrapped = await keys.generate(scope.tenantId);
    const other = await newCity();
    await keys.generate(other.tenantId);
    await expect(keys.unwrap(other.tenantId, wrapped)).rejects.toThrow(REFUSAL);
    const file = (city: TenantScope) => join(keyDirectory, `${city.tenantId}.key`);
    copyFileSync(file(other), file(scope));
    await expect(keys.unwrap(scope.tenantId, wrapped)).rejects.toThrow(REFUSAL);
    writeFileSync(file(scope), 'too short');
    await expect(keys.unwrap(scope.tenantId, wrapped)).rejects.toThrow(/32 bytes/);
  });

  it('opens no more once the city’s key is destroyed, in a copy of the database that was made before', async () => {
    const keys = new LocalKeyService(keyDirectory);
    const sealed = (await newProcess().forTenant(scope)).seal(place, TEXT);
    expect(await keys.traces(scope.tenantId)).toHaveLength(1);
    const first = await keys.destroy(scope.tenantId);
    expect(await keys.destroy(scope.tenantId)).toEqual(first);
    expect(await keys.traces(scope.tenantId)).toEqual([]);
    // The rows are all still there, as a restored backup has them.
    await expect(newProcess().forTenant(scope)).rejects.toThrow(/ENOENT/);
    await expect(keys.generate(scope.tenantId)).rejects.toThrow(/destroyed/);
    expect(sealed.includes(Buffer.from(TEXT))).toBe(false);
  });

  it('opens under a key of the city’s own what was sealed when all shared one', async () => {
    const sharedFile = join(directory, 'shared');
    const shared = randomBytes(32);
    writeFileSync(sharedFile, shared.toString('base64'), { mode: 0o600 });
    const keys = new LocalKeyService(keyDirectory, sharedFile);
    const dataKey = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', shared, nonce).setAAD(Buffer.from(scope.tenantId));
    const wrapped = {
      wrappedKey: Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]),
      wrappingKeyId: 'local-file',
    };
    expect(await keys.unwrap(scope.tenantId, wrapped)).toEqual(dataKey);
    const own = (await keys.rewrap(scope.tenantId, wrapped))!;
    expect(await keys.rewrap(scope.tenantId, own)).toBeNull();
    await keys.destroy(scope.tenantId);
    expect(await keys.traces(scope.tenantId)).toEqual([sharedFile]);
    rmSync(sharedFile);
    await expect(keys.unwrap(scope.tenantId, wrapped)).rejects.toThrow(/ENOENT/);
    await expect(keys.unwrap(scope.tenantId, own)).rejects.toThrow(/ENOENT/);
  });

  it('is tried again after a failure of the key service', async () => {
    const database = new TenantDatabase(source);
    const keys = new LocalKeyService(keyDirectory);
    let failures = 1;
    const seal = new ContentSeal(database, {
      unwrap: (...given) => keys.unwrap(...given),
      rewrap: (...given) => keys.rewrap(...given),
      destroy: (...given) => keys.destroy(...given),
      traces: (...given) => keys.traces(...given),
      generate: (city) => (failures-- > 0 ? Promise.reject(new Error('key service is away')) : keys.generate(city)),
    });
    await expect(seal.forTenant(scope)).rejects.toThrow(/away/);
    expect((await seal.forTenant(scope)).seal(place, TEXT).length).toBeGreaterThan(0);
  });
});
