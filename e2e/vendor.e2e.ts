import { describe, expect, it } from 'vitest';
import { ask, eventsOf, isEnd, question } from './support/jobs.ts';
import {
  municipalityCode,
  onboardCity,
  proveAgain,
  signIn,
  signInVendor,
  visitor,
  withApiKey,
} from './support/people.ts';
import { expectProblem } from './support/problems.ts';
import { modelBehaves } from './support/simulator.ts';

const registration = (code: string) => ({
  code,
  name: '新しい市',
  monthlyLimitTokens: 1_000_000,
  firstAdmin: { loginId: 'first-admin', displayName: '最初の管理者' },
});

describe('the vendor’s operator', () => {
  it('onboards a city whose first administrator then signs in and works', async () => {
    const city = await onboardCity('開始市');
    const { body: me } = await city.admin.get('/api/v1/me').expect(200);
    expect(me).toMatchObject({
      city: { code: city.code, name: '開始市' },
      member: { role: 'admin' },
      segment: 'lgwan',
    });
    await city.admin.post('/api/v1/departments', { code: '01', name: '総務部' }).expect(201);
  });

  it('is refused a code whose check digit is wrong, and one that is taken', async () => {
    const ops = await signInVendor('ops');
    const code = municipalityCode();
    const wrong = `${code.slice(0, 5)}${(Number(code[5]) + 1) % 10}`;
    const refused = await ops.post('/api/ops/v1/cities', registration(wrong));
    expect(refused.status).toBe(422);
    expect(refused.body.faults).toMatchObject([{ pointer: '/code' }]);
    await ops.post('/api/ops/v1/cities', registration(code)).expect(201);
    expectProblem(await ops.post('/api/ops/v1/cities', registration(code)), 409, 'TENANCY.CODE_TAKEN');
  });

  it('suspends a city at once, for sessions, sign-ins, keys and open streams, and takes it up again', async () => {
    const ops = await signInVendor('ops');
    const city = await onboardCity('休止市');
    await proveAgain('ops');
    const { body: key } = await city.admin
      .post('/api/v1/api-keys', { name: '鍵', scopes: ['jobs', 'models'] })
      .expect(201);
    const program = withApiKey(key.apiKey);
    await program.get('/api/v1/models').expect(200);
    await using _ = await modelBehaves({ firstTokenDelayMs: 0, tokenDelayMs: 20 });
    const { id } = await ask(city.admin, '防災訓練の手順を教えてください。');
    const heard: string[] = [];
    for await (const event of eventsOf(city.admin, id)) {
      heard.push(event.event);
      if (event.event === 'delta' && heard.filter((kind) => kind === 'delta').length === 1)
        await ops
          .post(`/api/ops/v1/cities/${city.id}/suspend`, { reason: '試験のため', running: 'cancel' })
          .expect(200);
      if (isEnd(event)) break;
    }
    expect(heard).not.toContain('completed');
    expect(heard.at(-1)).toBe('refused');

    const doors = [
      await city.admin.get('/api/v1/me'),
      await city.admin.post('/api/v1/jobs', question('質問')),
      await program.get('/api/v1/models'),
      await visitor().post('/api/v1/sessions', city.firstAdmin),
    ];
    expect(doors.map(({ status }) => status >= 401 && status <= 403)).toEqual([true, true, true, true]);

    await ops.post(`/api/ops/v1/cities/${city.id}/resume`, { reason: '試験が済んだため' }).expect(200);
    await (await signIn(city.firstAdmin)).get('/api/v1/me').expect(200);
    await program.get('/api/v1/models').expect(200);
  });

  it('finds one way from the vendor’s plane to what a city wrote: the one the city opens', async () => {
    const ops = await signInVendor('ops');
    const { body } = await ops.get('/api/openapi.json').expect(200);
    const vendorPaths = Object.keys(body.paths as object).filter((path) => /^\/api\/(?:ops|finance)\//.test(path));
    expect(vendorPaths.toSorted()).toEqual([
      '/api/finance/v1/cities/{cityId}/estimate',
      '/api/finance/v1/contracts',
      '/api/finance/v1/contracts/missing-cities',
      '/api/finance/v1/contracts/{id}',
      '/api/finance/v1/contracts/{id}/departments',
      '/api/finance/v1/contracts/{id}/ending',
      '/api/finance/v1/contracts/{id}/ending/approve',
      '/api/finance/v1/contracts/{id}/ending/withdraw',
      '/api/finance/v1/contracts/{id}/preview',
      '/api/finance/v1/contracts/{id}/terms',
      '/api/finance/v1/contracts/{id}/terms/{validFrom}/approve',
      '/api/finance/v1/contracts/{id}/terms/{validFrom}/withdraw',
      '/api/finance/v1/cost-reports',
      '/api/finance/v1/cost-reports/{id}',
      '/api/finance/v1/councils',
      '/api/finance/v1/councils/{id}/approve',
      '/api/finance/v1/councils/{id}/members',
      '/api/finance/v1/councils/{id}/withdraw',
      '/api/finance/v1/fx-rates',
      '/api/finance/v1/fx-rates/{id}/approve',
      '/api/finance/v1/fx-rates/{id}/withdraw',
      '/api/finance/v1/invoices',
      '/api/finance/v1/invoices/approve',
      '/api/finance/v1/invoices/issue',
      '/api/finance/v1/invoices/review',
      '/api/finance/v1/invoices/{id}',
      '/api/finance/v1/invoices/{id}/calls',
      '/api/finance/v1/invoices/{id}/credit-notes',
      '/api/finance/v1/invoices/{id}/difference',
      '/api/finance/v1/invoices/{id}/document.{format}',
      '/api/finance/v1/invoices/{id}/focus.csv',
      '/api/finance/v1/invoices/{id}/payment',
      '/api/finance/v1/invoices/{id}/redraft',
      '/api/finance/v1/invoices/{id}/return',
      '/api/finance/v1/periods',
      '/api/finance/v1/periods/{month}',
      '/api/finance/v1/periods/{month}/archive',
      '/api/finance/v1/periods/{month}/close',
      '/api/finance/v1/periods/{month}/documents.zip',
      '/api/finance/v1/periods/{month}/focus.csv',
      '/api/finance/v1/plans',
      '/api/finance/v1/plans/{id}/retire',
      '/api/finance/v1/prices',
      '/api/finance/v1/prices/{id}/approve',
      '/api/finance/v1/prices/{id}/withdraw',
      '/api/finance/v1/reconciliations/{month}',
      '/api/finance/v1/reconciliations/{month}/waiver',
      '/api/finance/v1/reconciliations/{month}/waiver/approve',
      '/api/finance/v1/service-keys',
      '/api/finance/v1/service-keys/{id}',
      '/api/finance/v1/usage',
      '/api/finance/v1/usage-corrections',
      '/api/finance/v1/usage-corrections/{id}/approve',
      '/api/finance/v1/usage-corrections/{id}/withdraw',
      '/api/finance/v1/usage-history',
      '/api/finance/v1/usage-imports',
      '/api/finance/v1/usage-type-models',
      '/api/finance/v1/usage.csv',
      '/api/finance/v1/variance-entries/{id}/approve',
      '/api/finance/v1/variance-entries/{id}/withdraw',
      '/api/finance/v1/variances/{id}/entries',
      '/api/ops/v1/cities',
      '/api/ops/v1/cities.csv',
      '/api/ops/v1/cities/{id}',
      '/api/ops/v1/cities/{id}/invitation',
      '/api/ops/v1/cities/{id}/report',
      '/api/ops/v1/cities/{id}/resume',
      '/api/ops/v1/cities/{id}/segment-policies',
      '/api/ops/v1/cities/{id}/segment-policies/{segment}',
      '/api/ops/v1/cities/{id}/share',
      '/api/ops/v1/cities/{id}/suspend',
      '/api/ops/v1/city-endings',
      '/api/ops/v1/city-exits',
      '/api/ops/v1/city-exits/{id}',
      '/api/ops/v1/city-exits/{id}/certificate.{format}',
      '/api/ops/v1/city-exits/{id}/delete',
      '/api/ops/v1/city-exits/{id}/freeze',
      '/api/ops/v1/city-exits/{id}/hand-over',
      '/api/ops/v1/city-exits/{id}/judgements',
      '/api/ops/v1/city-exits/{id}/judgements/{judgementId}/confirm',
      '/api/ops/v1/city-exits/{id}/withdraw',
      // Reading content: only what a city has let (docs/decisions/0030)
      '/api/ops/v1/content-accesses',
      '/api/ops/v1/content-accesses/{id}',
      '/api/ops/v1/content-accesses/{id}/conversations/{conversationId}',
      '/api/ops/v1/content-accesses/{id}/end',
      '/api/ops/v1/content-accesses/{id}/events',
      '/api/ops/v1/content-accesses/{id}/jobs',
      '/api/ops/v1/content-accesses/{id}/jobs/{jobId}',
      '/api/ops/v1/content-accesses/{id}/transcript',
      '/api/ops/v1/mail-counts',
      '/api/ops/v1/mails',
      '/api/ops/v1/mails/{id}/resend',
      '/api/ops/v1/maintenance-notices',
      '/api/ops/v1/maintenance-notices/{id}/withdraw',
      '/api/ops/v1/me',
      '/api/ops/v1/me/passkeys',
      '/api/ops/v1/me/passkeys/options',
      '/api/ops/v1/me/recovery-codes',
      '/api/ops/v1/me/second-factors',
      '/api/ops/v1/me/second-factors/confirmations',
      '/api/ops/v1/me/second-factors/{id}',
      '/api/ops/v1/me/sessions',
      '/api/ops/v1/me/sessions/{id}',
      '/api/ops/v1/me/step-up',
      '/api/ops/v1/notices',
      '/api/ops/v1/onboardings',
      '/api/ops/v1/onboardings/{id}',
      '/api/ops/v1/onboardings/{id}/complete',
      '/api/ops/v1/plans',
      '/api/ops/v1/pool',
      '/api/ops/v1/pool/cities',
      '/api/ops/v1/pool/samples',
      '/api/ops/v1/sessions',
      '/api/ops/v1/sessions/current',
      '/api/ops/v1/sessions/current/passkey-options',
      '/api/ops/v1/sessions/current/second-factor',
      '/api/ops/v1/sign-in-notices',
      '/api/ops/v1/urgent-openings',
      '/api/ops/v1/urgent-openings/{id}/close',
      '/api/ops/v1/vendor-users',
      '/api/ops/v1/vendor-users/{id}/second-factors',
      '/api/ops/v1/vendor-users/{id}/sessions',
    ]);
  });
});
