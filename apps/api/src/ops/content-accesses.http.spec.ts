import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VendorDirectory } from '#libs/identity';
import { newId } from '#libs/kernel';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import {
  CITY_A,
  CITY_B,
  type TestCity,
  addMember,
  onboardCity,
  signIn,
  signInEnrolled,
  signInVendor,
} from '../../test/test-city.ts';
import { INGRESS_HEADER, signIngress } from '../http/ingress.ts';

const ACCESSES = '/api/ops/v1/content-accesses';
/** Within which an ended access must be felt, also where no signal tells of it. */
const FELT_WITHIN_MS = 5_000;

describe('access of the vendor to content', () => {
  let api: TestApi;
  let city: TestCity;
  let other: TestCity;
  let cookies: Record<'ops' | 'finance' | 'admin' | 'auditor' | 'staff' | 'otherAdmin', string>;
  let jobs: { id: string; conversationId: string }[];
  beforeAll(async () => {
    api = await createTestApi();
    city = await onboardCity(api.app, CITY_A);
    other = await onboardCity(api.app, CITY_B);
    const auditor = await addMember(api.app, city, { loginId: 'auditor', role: 'auditor' });
    const staff = await addMember(api.app, city, { loginId: 'staff', role: 'staff' });
    cookies = {
      ops: await signInVendor(api, 'ops'),
      finance: await signInVendor(api, 'finance'),
      admin: await signIn(api, city, city.admin),
      auditor: await signIn(api, city, auditor),
      staff: await signIn(api, city, staff),
      otherAdmin: await signIn(api, other, other.admin),
    };
    jobs = [];
    for (let number = 0; number < 80; number += 1) {
      const content = `${number}番目の秘密の質問です。${'長い資料。'.repeat(10_000)}`;
      const request = { kind: 'chat', messages: [{ role: 'user', content }] };
      const { body } = await onCity('staff').post('/api/v1/jobs').send(request).expect(202);
      jobs.push({ id: body.id, conversationId: body.conversationId });
    }
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const onCity = (who: 'admin' | 'auditor' | 'staff' | 'otherAdmin') => api.on('lgwan').set('cookie', cookies[who]);
  const onVendor = (who: 'ops' | 'finance' = 'ops') => api.on('vendor').set('cookie', cookies[who]);
  const wish = () => ({
    cityId: city.id,
    segment: 'lgwan',
    reason: '回答が途中で切れるとの連絡の調査',
    ticket: 'INC-204',
    minutes: 15,
  });
  const ask = async (more: object = {}): Promise<string> =>
    (
      await onVendor()
        .post(ACCESSES)
        .send({ ...wish(), ...more })
        .expect(201)
    ).body.id;
  const approve = (id: string) => onCity('admin').post(`/api/v1/content-accesses/${id}/approve`).send({});
  const open = async (): Promise<string> => {
    const id = await ask();
    await approve(id).expect(200);
    return id;
  };
  const codeOf = async (request: PromiseLike<{ body: { code: string } }>) => (await request).body.code;

  /** The answer's head; its body is read by whoever asked, at their own pace. */
  const stream = async (path: string): Promise<IncomingMessage> => {
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    const expiresAt = Math.floor(Date.now() / 1000) + 600;
    const signed = signIngress(api.config.api.ingressSecret, { listener: 'vendor', expiresAt, address: '192.0.2.1' });
    const headers = { cookie: cookies.ops, [INGRESS_HEADER]: signed };
    const [response] = (await once(get({ port, path, headers, agent: false }), 'response')) as [IncomingMessage];
    return response;
  };

  it('is asked for by operations and answered by the city’s administrator, each on the own plane', async () => {
    const id = await ask();
    const { body } = await onCity('admin').get('/api/v1/content-accesses').expect(200);
    expect(body.items[0]).toMatchObject({ id, state: 'asked', ticket: 'INC-204', minutes: 15, askedBy: 'ops' });
    await onVendor('finance').post(ACCESSES).send(wish()).expect(403);
    await onCity('staff').get('/api/v1/content-accesses').expect(403);
    await onCity('auditor').get('/api/v1/content-accesses').expect(200);
    await onCity('auditor').post(`/api/v1/content-accesses/${id}/approve`).send({}).expect(403);
    const refused = await onCity('admin')
      .post(`/api/v1/content-accesses/${id}/refuse`)
      .send({ note: '不要' })
      .expect(200);
    expect(refused.body).toMatchObject({ state: 'refused', decisionNote: '不要' });
    expect(await codeOf(approve(id))).toBe('CONTENT_ACCESS.ALREADY_DECIDED');
    const seen = await onVendor().get(`${ACCESSES}/${id}`).expect(200);
    expect(seen.body).toMatchObject({ state: 'refused', isOwn: true, city: { id: city.id, code: CITY_A } });
    expect(JSON.stringify(seen.body)).not.toContain('管理 一郎');
  });

  it('is another city’s as little as one that never was', async () => {
    const id = await open();
    const requests = (target: string) => [
      onCity('otherAdmin').get(`/api/v1/content-accesses/${target}/readings`),
      onCity('otherAdmin').post(`/api/v1/content-accesses/${target}/approve`).send({}),
      onCity('otherAdmin').post(`/api/v1/content-accesses/${target}/end`).send(),
    ];
    const [theirs, missing] = await Promise.all([id, newId()].map((target) => Promise.all(requests(target))));
    const shown = (answers: typeof theirs) =>
      answers!.map(({ status, body }) => ({ status, ...body, requestId: '', instance: '' }));
    expect(shown(theirs)).toEqual(shown(missing));
    expect(theirs!.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await onCity('otherAdmin').get('/api/v1/content-accesses').expect(200)).body.items).toEqual([]);
  });

  it('shows words only between approval and end, and the city each reading', async () => {
    const { id: jobId, conversationId } = jobs[3]!;
    const id = await ask({ conversationId });
    const paths = [`jobs`, `jobs/${jobId}`, `conversations/${conversationId}`, 'transcript', 'events'];
    for (const path of paths)
      expect(await codeOf(onVendor().get(`${ACCESSES}/${id}/${path}`))).toBe('CONTENT_ACCESS.NOT_OPEN');
    await approve(id).expect(200);
    const { body: list } = await onVendor().get(`${ACCESSES}/${id}/jobs`).expect(200);
    expect(list.items).toMatchObject([{ id: jobId, conversationId }]);
    expect(JSON.stringify(list)).not.toContain('秘密');
    const { body: job } = await onVendor().get(`${ACCESSES}/${id}/jobs/${jobId}`).expect(200);
    expect(job.messages[0].content).toContain('3番目の秘密の質問');
    await onVendor().get(`${ACCESSES}/${id}/conversations/${conversationId}`).expect(200);
    await onVendor().get(`${ACCESSES}/${id}/jobs/${jobs[4]!.id}`).expect(404);
    const { body: watched } = await onCity('admin').get(`/api/v1/content-accesses/${id}/readings`).expect(200);
    expect(watched.items).toMatchObject([
      { kind: 'conversation', subjectId: conversationId, jobs: 1 },
      { kind: 'job', subjectId: jobId, jobs: 1 },
      { kind: 'listed', subjectId: null, jobs: 1 },
    ]);
    await onCity('admin').post(`/api/v1/content-accesses/${id}/end`).expect(200);
    for (const path of paths)
      expect(await codeOf(onVendor().get(`${ACCESSES}/${id}/${path}`))).toBe('CONTENT_ACCESS.NOT_OPEN');
  });

  it('is no colleague’s', async () => {
    const id = await open();
    const colleague = { loginId: 'ops-2', displayName: '同僚', role: 'ops' } as const;
    const enrolled = await api.app.get(VendorDirectory).ensureEnrolled(colleague);
    const cookie = await signInEnrolled(api, { loginId: colleague.loginId, ...enrolled });
    await api.on('vendor').get(`${ACCESSES}/${id}/jobs`).set('cookie', cookie).expect(404);
    await api.on('vendor').get(`${ACCESSES}/${id}/events`).set('cookie', cookie).expect(404);
    expect((await api.on('vendor').get(`${ACCESSES}/${id}`).set('cookie', cookie)).body.isOwn).toBe(false);
  });

  it('is felt as over by who has it on a screen, by a signal and without one', async () => {
    for (const end of [
      (id: string) => onCity('admin').post(`/api/v1/content-accesses/${id}/end`).expect(200),
      (id: string) =>
        api.eyes.query(`UPDATE content_accesses SET ended_at = now(), ended_by_member = decided_by WHERE id = $1`, [
          id,
        ]),
    ]) {
      const id = await open();
      const response = await stream(`${ACCESSES}/${id}/events`);
      await once(response, 'readable');
      const endedAt = performance.now();
      await end(id);
      expect(await text(response)).toMatch(/event: open\n[^]*event: ended\n/);
      expect(performance.now() - endedAt).toBeLessThan(FELT_WITHIN_MS);
    }
  });

  it('cuts a download that is under way', async () => {
    const id = await open();
    const response = await stream(`${ACCESSES}/${id}/transcript`);
    const [first] = (await once(response, 'data')) as [Buffer];
    response.pause();
    expect(first.toString()).toContain('秘密の質問');
    const endedAt = performance.now();
    await onCity('admin').post(`/api/v1/content-accesses/${id}/end`).expect(200);
    await expect(text(response)).rejects.toThrow('aborted');
    expect(performance.now() - endedAt).toBeLessThan(FELT_WITHIN_MS);
    const { body } = await onCity('admin').get(`/api/v1/content-accesses/${id}/readings`).expect(200);
    const read = body.items.filter(({ kind }: { kind: string }) => kind === 'job').length;
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(jobs.length);
  });

  it.each([
    ['is revoked', () => api.eyes.query('UPDATE vendor_sessions SET revoked_at = now()')],
    [
      'was opened by a password that the command line has replaced',
      () => api.app.get(VendorDirectory).ensure({ loginId: 'ops', displayName: 'ops', role: 'ops' }),
    ],
  ])('ends with the session it is read in, when that %s', async (_, change: () => Promise<unknown>) => {
    const id = await open();
    const response = await stream(`${ACCESSES}/${id}/events`);
    await change();
    expect(await text(response)).toContain('event: ended');
    cookies.ops = await signInVendor(api, 'ops');
  });

  it('is asked for with a reason, a ticket, and for fifteen minutes to eight hours', async () => {
    const faults = async (more: object) =>
      (
        await onVendor()
          .post(ACCESSES)
          .send({ ...wish(), ...more })
          .expect(422)
      ).body.faults.map(({ pointer }: { pointer: string }) => pointer);
    expect(await faults({ reason: ' ' })).toEqual(['/reason']);
    expect(await faults({ ticket: '' })).toEqual(['/ticket']);
    expect(await faults({ minutes: 14 })).toEqual(['/minutes']);
    expect(await faults({ minutes: 481 })).toEqual(['/minutes']);
    expect(await faults({ cityId: newId() })).toEqual(['/cityId']);
    expect(await faults({ jobId: newId(), conversationId: newId() })).toEqual(['/jobId']);
    const send = () => onVendor().post(ACCESSES).set('idempotency-key', 'once').send(wish()).expect(201);
    const [first, second] = await Promise.all([send(), send()]);
    expect(first.body.id).toBe(second.body.id);
  });
});
