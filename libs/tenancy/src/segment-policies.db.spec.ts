import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditTrail } from '#libs/audit';
import { OpsDatabase, TenantDatabase, createDataSource } from '#libs/database';
import { newId } from '#libs/kernel';
import { FrozenClock, type TestDatabase, createTestDatabase } from '#libs/testing';
import { AddressRanges } from './address-ranges.ts';
import { type City, CityRegistry } from './city-registry.ts';
import { SegmentPolicies } from './segment-policies.ts';

const clock = new FrozenClock(new Date('2026-11-22T03:00:00Z'));
const audit = new AuditTrail(clock);
const policies = new SegmentPolicies(audit, clock);
const cities = new CityRegistry(policies, audit, clock);
const ADMIN = { type: 'member', id: newId() } as const;

let testDatabase: TestDatabase;
let sources: DataSource[];
let ops: OpsDatabase;
let app: TenantDatabase;
let city: City;
let other: City;

const lgwanOf = ({ id }: City) => ({ tenantId: id, segment: 'lgwan' }) as const;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  sources = await Promise.all(
    [testDatabase.urls.ops, testDatabase.urls.app].map((url) => createDataSource(url, 4).initialize()),
  );
  ops = new OpsDatabase(sources[0]!);
  app = new TenantDatabase(sources[1]!);
  city = await ops.run((tx) => cities.register(tx, { code: '990019', name: '一市' }));
  other = await ops.run((tx) => cities.register(tx, { code: '990027', name: '二市' }));
});

afterAll(async () => {
  await Promise.all(sources.map((source) => source.destroy()));
  await testDatabase.drop();
});

describe("a city's networks", () => {
  it('begin with the closed ones open, nothing held back in any, and the internet shut', async () => {
    const [myNumber, lgwan, internet] = await app.run(lgwanOf(city), (tx) => policies.list(tx));
    expect([myNumber!.open, lgwan!.open, internet!.open]).toEqual([true, true, false]);
    expect(lgwan).toEqual({
      segment: 'lgwan',
      open: true,
      addressRanges: [],
      models: null,
      attachments: true,
      takeOut: { copy: true, download: true, export: true },
      retentionDays: null,
      mfa: 'optional',
    });
  });

  it('change one thing and keep the rest, for this city and this network alone, on record', async () => {
    const change = { models: ['a'], takeOut: { download: false }, retentionDays: 90 };
    await app.run(lgwanOf(city), (tx) => policies.change(tx, ADMIN, 'my_number', change));
    const [changed, lgwan] = await app.run(lgwanOf(city), (tx) => policies.list(tx));
    expect(changed).toMatchObject({
      models: ['a'],
      takeOut: { copy: true, download: false, export: true },
      retentionDays: 90,
      attachments: true,
    });
    expect(lgwan).toMatchObject({ models: null, retentionDays: null });
    const [theirs] = await app.run(lgwanOf(other), (tx) => policies.list(tx));
    expect(theirs).toMatchObject({ models: null, retentionDays: null });
    const [entry] = await app.run(lgwanOf(city), (tx) =>
      tx.query<{ details: string }>(`SELECT details FROM audit_entries WHERE action = 'segment-policy.changed'`),
    );
    expect(JSON.parse(entry!.details)).toMatchObject({ segment: 'my_number', models: 'a', takeOut: 'copy export' });
  });

  it('take two changes at once, and lose neither', async () => {
    await Promise.all(
      [{ attachments: false }, { mfa: 'required' } as const].map((change) =>
        app.run(lgwanOf(city), (tx) => policies.change(tx, ADMIN, 'internet', change)),
      ),
    );
    const policy = await app.run({ tenantId: city.id, segment: 'internet' }, (tx) => policies.current(tx));
    expect(policy).toMatchObject({ attachments: false, mfa: 'required' });
  });

  it('are written whole by the vendor who takes the city on', async () => {
    const policy = await ops.run(async (tx) => {
      await tx.actOn(other.id);
      const [, , internet] = await policies.list(tx);
      return policies.open(tx, { ...internet!, open: true, addressRanges: ['203.0.113.0/24'] });
    });
    expect(policy).toMatchObject({ open: true, addressRanges: ['203.0.113.0/24'] });
  });
});

describe('address ranges', () => {
  const write = (...addressRanges: string[]) =>
    app.run(lgwanOf(city), (tx) => policies.change(tx, ADMIN, 'lgwan', { addressRanges }));

  it('are kept as PostgreSQL writes them', async () => {
    const { addressRanges } = await write('10.20.0.0/16', '192.0.2.7', '2001:DB8:0:0::/48');
    expect(addressRanges).toEqual(['10.20.0.0/16', '192.0.2.7/32', '2001:db8::/48']);
  });

  it('are refused where the address is not the first of its range, with what to write', async () => {
    await expect(write('10.20.0.0/16', '10.30.5.9/16')).rejects.toMatchObject({
      code: 'TENANCY.ADDRESS_RANGE_INVALID',
      faults: [{ pointer: '/addressRanges/1', message: expect.stringContaining('10.30.0.0/16') }],
    });
  });

  it.each(['10.0.0.0/33', 'city-hall', '2001:db8::/129', ''])('are refused when they are none: %j', async (range) => {
    await expect(write(range)).rejects.toMatchObject({ code: 'TENANCY.ADDRESS_RANGE_INVALID' });
  });

  it.each([
    ['10.20.255.1', true],
    ['::ffff:10.20.0.1', true],
    ['10.21.0.1', false],
    ['2001:db8:0:1::5', true],
    ['2001:db8:1::5', false],
    ['10.20.0.1, 10.21.0.1', false],
    ['', false],
  ])('admit %j: %s', (address, admitted) => {
    expect(new AddressRanges(['10.20.0.0/16', '2001:db8::/48']).admit(address)).toBe(admitted);
  });

  it('admit everybody when there are none', () => {
    expect(new AddressRanges([]).admit('198.51.100.1')).toBe(true);
  });
});
