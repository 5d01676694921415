import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { LocalKeyService } from './key-service.ts';
import type { TenantScope } from './transaction.ts';

const TEXT = '住民税の減免について𠮷野家 é\u0000 end';
const REFUSAL = /unable to authenticate|not a sealed value|no data key of version/;
const place = { rowId: newId(), column: 'input_sealed' };

describe('sealed content', () => {
  let test: TestDatabase;
  let source: DataSource;
  let superuser: Client;
  let directory: string;
  let keyFile: string;
  let scope: TenantScope;
  let cities = 0;

  beforeAll(async () => {
    test = await createTestDatabase();
    source = await createDataSource(test.urls.app, 8).initialize();
    superuser = new Client({ connectionString: test.urls.superuser });
    await superuser.connect();
    directory = mkdtempSync(join(tmpdir(), 'moyai-keys-'));
    keyFile = join(directory, 'key');
    writeFileSync(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
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
  const newProcess = () => new ContentSeal(new TenantDatabase(source), new LocalKeyService(keyFile));

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
    const { wrappedKey, wrappingKeyId } = await new LocalKeyService(keyFile).generate(scope.tenantId);
    await superuser.query('INSERT INTO tenant_data_keys VALUES ($1, 2, $2, $3, now())', [
      scope.tenantId,
      wrappedKey,
      wrappingKeyId,
    ]);
    const seal = await newProcess().forTenant(scope);
    expect(seal.open(place, old)).toBe(TEXT);
    expect(seal.seal(place, TEXT).readUInt32BE(1)).toBe(2);
  });

  it('cannot be opened with a wrapped key moved from one city to another, nor with another key file', async () => {
    const keys = new LocalKeyService(keyFile);
    const wrapped = await keys.generate(scope.tenantId);
    await expect(keys.unwrap(tenantId(newId()), wrapped)).rejects.toThrow(REFUSAL);
    const otherFile = join(directory, 'other');
    writeFileSync(otherFile, randomBytes(32).toString('base64'), { mode: 0o600 });
    await expect(new LocalKeyService(otherFile).unwrap(scope.tenantId, wrapped)).rejects.toThrow(REFUSAL);
    writeFileSync(otherFile, 'too short');
    expect(() => new LocalKeyService(otherFile)).toThrow(/32 bytes/);
  });

  it('is tried again after a failure of the key service', async () => {
    const database = new TenantDatabase(source);
    const keys = new LocalKeyService(keyFile);
    let failures = 1;
    const seal = new ContentSeal(database, {
      unwrap: (...given) => keys.unwrap(...given),
      generate: (city) => (failures-- > 0 ? Promise.reject(new Error('key service is away')) : keys.generate(city)),
    });
    await expect(seal.forTenant(scope)).rejects.toThrow(/away/);
    expect((await seal.forTenant(scope)).seal(place, TEXT).length).toBeGreaterThan(0);
  });
});
