import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '#libs/api-client';
import { runningStack } from '#libs/testing';
import type { Client } from './support/client.ts';
import { ask, askAndFinish, question } from './support/jobs.ts';
import { demoCity, memberOf, credentialsOf, myNumber, signInAs, signInVendor, visitor } from './support/people.ts';
import { expectProblem, fingerprintOf } from './support/problems.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const MISSING = '00000000-0000-7000-8000-000000000000';
const { origins } = runningStack();
const city = demoCity(0);

describe('the walls between the networks', () => {
  let lgwan: Client;
  let myNumberStaff: Client;
  let behaviour: AsyncDisposable;

  beforeAll(async () => {
    behaviour = await modelBehaves(AT_ONCE);
    [lgwan, myNumberStaff] = await Promise.all([signInAs(city, 'staff'), signInAs(city, 'staff', 'my_number')]);
  });
  afterAll(() => behaviour[Symbol.asyncDispose]());

  it('let no one sign in on another network than their own', async () => {
    const wrongDoor = await visitor('my_number').post('/api/v1/sessions', credentialsOf(city, memberOf(city, 'staff')));
    expectProblem(wrongDoor, 401, 'IDENTITY.SIGN_IN_FAILED');
  });

  it('take no session and no key to another network', async () => {
    await lgwan.get('/api/v1/me').expect(200);
    expectProblem(await lgwan.at(origins.my_number).get('/api/v1/me'), 401, 'IDENTITY.UNAUTHENTICATED');
    expectProblem(await myNumberStaff.at(origins.lgwan).get('/api/v1/me'), 401, 'IDENTITY.UNAUTHENTICATED');
    const key = visitor('my_number').with({ authorization: `Bearer ${city.apiKey}` });
    expectProblem(await key.get('/api/v1/models'), 401, 'IDENTITY.UNAUTHENTICATED');
  });

  it('show nothing of one network in the other', async () => {
    const here = await ask(lgwan, '庁舎管理について');
    const there = await ask(myNumberStaff, '賦課について', { purposeCode: city.purposeCode });
    for (const [client, { id, conversationId }] of [
      [lgwan, there],
      [myNumberStaff, here],
    ] as const) {
      const missing = fingerprintOf(await client.get(`/api/v1/jobs/${MISSING}`));
      expect(fingerprintOf(await client.get(`/api/v1/jobs/${id}`))).toEqual(missing);
      expect(fingerprintOf(await client.get(`/api/v1/conversations/${conversationId}`))).toEqual(missing);
    }
  });

  it('let a question into the My Number segment only for a purpose the city has enabled', async () => {
    expectProblem(await myNumberStaff.post('/api/v1/jobs', question('質問')), 422, 'GUARD.PURPOSE_REQUIRED');
    const unknown = await myNumberStaff.post('/api/v1/jobs', question('質問', { purposeCode: 'no-such-purpose' }));
    expectProblem(unknown, 422, 'GUARD.PURPOSE_NOT_ENABLED');
    const job = await askAndFinish(myNumberStaff, '賦課の手順を教えてください。', { purposeCode: city.purposeCode });
    expect(job.status).toBe('completed');
  });

  it('take a My Number where it belongs', async () => {
    const content = `個人番号 ${myNumber()} の方の課税台帳を要約してください。`;
    const job = await askAndFinish(myNumberStaff, content, { purposeCode: city.purposeCode });
    expect(job.status).toBe('completed');
  });

  it('refuse a My Number elsewhere, show where it stood, and keep no trace of it', async () => {
    const number = myNumber();
    const written = number.replace(/(\d{4})(\d{4})(\d{4})/, '$1-$2-$3');
    const response = await lgwan.post('/api/v1/jobs', question(`一行目です。\n個人番号は${written}です。`));
    expectProblem(response, 422, 'GUARD.MY_NUMBER_FOUND');
    expect(response.body.faults).toEqual([
      { pointer: '/messages/0/content', message: expect.stringMatching(/^2行目に.*個人番号は●{12}です/) },
    ]);

    const auditor = await signInAs(city, 'auditor');
    const { body } = await auditor.get('/api/v1/audit-entries?action=job.refused&limit=1').expect(200);
    const [entry] = body.items as AuditEntry[];
    expect(entry).toMatchObject({ outcome: 'refused', details: { code: 'GUARD.MY_NUMBER_FOUND' }, segment: 'lgwan' });
    for (const trace of [response.text, JSON.stringify(entry)]) {
      expect(trace).not.toContain(number);
      expect(trace).not.toContain(written);
    }
  });

  it('let a corporate number pass', async () => {
    const job = await askAndFinish(lgwan, '法人番号7000012050002の団体への案内を作成してください。');
    expect(job.status).toBe('completed');
  });
});

describe('the two planes', () => {
  it('do not exist on each other’s listeners, for the signed-in either', async () => {
    const [staff, ops] = await Promise.all([signInAs(city, 'admin'), signInVendor('ops')]);
    for (const path of ['/api/ops/v1/cities', '/api/ops/v1/me', '/api/finance/v1/usage?month=2026-11']) {
      expectProblem(await staff.get(path), 404, 'REQUEST.NOT_FOUND');
      expectProblem(await ops.at(origins.lgwan).get(path), 404, 'REQUEST.NOT_FOUND');
      expectProblem(await ops.at(origins.my_number).get(path), 404, 'REQUEST.NOT_FOUND');
    }
    for (const path of ['/api/v1/me', '/api/v1/members', '/api/openai/v1/models']) {
      expectProblem(await staff.at(origins.vendor).get(path), 404, 'REQUEST.NOT_FOUND');
      expectProblem(await ops.get(path), 404, 'REQUEST.NOT_FOUND');
    }
  });

  it('have no pages on each other’s listeners', async () => {
    for (const path of ['/ops', '/ops/sign-in', '/finance']) await visitor('lgwan').get(path).expect(404);
    for (const path of ['/sign-in', '/admin/members', `/conversations/${MISSING}`])
      await visitor('vendor').get(path).expect(404);
    await visitor('lgwan').get('/sign-in').expect(200);
    await visitor('vendor').get('/ops/sign-in').expect(200);
  });

  it.each<Record<string, string>>([
    { 'x-moyai-ingress': 'vendor.9999999999.0000000000000000000000000000000000000000000000000000000000000000' },
    { 'X-Moyai-Ingress': 'vendor', 'X-Moyai-Segment': 'my_number' },
    { forwarded: 'for=127.0.0.1;host=127.0.0.1;proto=https', 'x-forwarded-proto': 'https' },
  ])('believe no claim of a client about its way in: %o', async (claims) => {
    const claimant = visitor('lgwan').with(claims);
    expectProblem(await claimant.get('/api/ops/v1/me'), 404, 'REQUEST.NOT_FOUND');
    expect((await claimant.get('/ops/sign-in')).status).toBe(404);
    const signedIn = await claimant.post('/api/v1/sessions', credentialsOf(city, memberOf(city, 'staff'))).expect(201);
    expect(signedIn.body.segment).toBe('lgwan');
    expect(String(signedIn.headers['set-cookie'])).not.toMatch(/Secure/i);
  });

  it('compare a page’s origin with the door itself, not with a header that names another', async () => {
    const forged = { origin: 'http://evil.example', 'x-forwarded-host': 'evil.example' };
    const response = await visitor('lgwan')
      .with(forged)
      .post('/api/v1/sessions', credentialsOf(city, memberOf(city, 'staff')));
    expectProblem(response, 403, 'REQUEST.CROSS_SITE');
  });
});
