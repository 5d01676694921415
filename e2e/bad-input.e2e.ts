import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { question } from './support/jobs.ts';
import { demoCity, onboardCity, signInVendor, visitor, withApiKey } from './support/people.ts';
import { expectProblem } from './support/problems.ts';

const REFUSALS = [400, 413, 415, 422];
const MISSING = '00000000-0000-7000-8000-000000000000';

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const listed = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** A question with this raw JSON in the place of its content. */
const withContent = (json: string): string => `{"kind":"chat","messages":[{"role":"user","content":${json}}]}`;

/** Bodies that no job may be made of, as bytes on the wire. */
const BAD_JOBS: Record<string, string | Buffer> = {
  'broken JSON': '{"kind":"chat"',
  'a bare value': '"chat"',
  null: 'null',
  'a list': '[]',
  'wrong types': '{"kind":1,"messages":{"0":"x"},"model":[],"maxTokens":"many"}',
  'an unknown field': JSON.stringify({ ...question('質問'), segment: 'my_number' }),
  'an unknown field of a message': '{"kind":"chat","messages":[{"role":"user","content":"質問","tenantId":"x"}]}',
  'an unknown role': '{"kind":"chat","messages":[{"role":"root","content":"質問"}]}',
  'no messages': '{"kind":"chat","messages":[]}',
  'no content': withContent('""'),
  'a number as content': withContent('1'),
  'a fraction of tokens': JSON.stringify({ ...question('質問'), maxTokens: 1.5 }),
  'negative tokens': JSON.stringify({ ...question('質問'), maxTokens: -1 }),
  'more tokens than there are': JSON.stringify({ ...question('質問'), maxTokens: 1e308 }),
  'an id that is none': JSON.stringify({ ...question('質問'), conversationId: "' OR 1=1 --" }),
  'NUL in text': withContent('"a\\u0000b"'),
  'a raw NUL': withContent('"a\0b"'),
  'half a surrogate pair': withContent('"\\ud800"'),
  'the other half': withContent('"x\\udc00"'),
  'bytes that are no UTF-8': Buffer.from([...Buffer.from('{"kind":"'), 0xff, 0xfe, ...Buffer.from('"}')]),
  'a prototype': '{"__proto__":{"isAdmin":true},"kind":"chat","messages":[{"role":"user","content":"x"}]}',
  'a constructor': '{"constructor":{"prototype":{}},"kind":"chat","messages":[{"role":"user","content":"x"}]}',
  '10,000 levels of objects': withContent(nested(10_000)),
  '10,000 levels of lists': listed(10_000),
  '5 MB of text': withContent(`"${'あ'.repeat(1_700_000)}"`),
};

describe('bad input at the door', () => {
  let admin: Client;
  let program: Client;

  beforeAll(async () => {
    ({ admin } = await onboardCity('入力市'));
    const { body } = await admin.post('/api/v1/api-keys', { name: '鍵', scopes: ['jobs', 'models'] }).expect(201);
    program = withApiKey(body.apiKey);
  });

  it.each(Object.keys(BAD_JOBS))('%s is refused in words, by every way to ask, and nothing is stored', async (name) => {
    for (const client of [admin, program]) {
      const response = await client
        .send('post', '/api/v1/jobs')
        .set('content-type', 'application/json')
        .send(BAD_JOBS[name]);
      expect(REFUSALS).toContain(response.status);
      expect(response.type).toBe('application/problem+json');
      expect(response.body).toMatchObject({
        code: expect.stringMatching(/^[A-Z]+\.[A-Z_]+$/),
        status: response.status,
      });
    }
    const completion = await program
      .send('post', '/api/openai/v1/chat/completions')
      .set('content-type', 'application/json')
      .send(BAD_JOBS[name]);
    expect(REFUSALS).toContain(completion.status);
    expect(completion.body.error).toMatchObject({ message: expect.any(String), code: expect.any(String) });
    expect((await admin.get('/api/v1/conversations').expect(200)).body.items).toEqual([]);
  });

  it('a body in another language, or none, is refused', async () => {
    const text = JSON.stringify(question('質問'));
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data'])
      expectProblem(
        await admin.send('post', '/api/v1/jobs').set('content-type', type).send(text),
        415,
        'REQUEST.UNSUPPORTED_MEDIA_TYPE',
      );
    expectProblem(await admin.send('post', '/api/v1/jobs'), 422, 'REQUEST.INVALID');
  });

  it('a small body that unpacks to a large one is refused', async () => {
    const bomb = gzipSync(withContent(`"${'a'.repeat(20_000_000)}"`));
    const headers = { ...admin.headers, 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await fetch(`${admin.origin}/api/v1/jobs`, { method: 'POST', headers, body: bomb });
    expect(response.status).toBe(413);
  });

  it('an address that names nothing is not found, whatever stands in it', async () => {
    for (const id of ['1', 'null', '..', '%00', '%ff', "'%20OR%201=1", `${MISSING}%0d%0aX-Evil:1`, 'a'.repeat(8_000)]) {
      const { status, type } = await admin.get(`/api/v1/jobs/${id}`);
      expect([400, 404]).toContain(status);
      expect(type).toBe('application/problem+json');
    }
  });

  it('a query no one understands is refused', async () => {
    const queries = [
      '/api/v1/conversations?limit=0',
      '/api/v1/conversations?limit=1e9',
      '/api/v1/conversations?cursor=%ff',
      '/api/v1/conversations?cursor=AAAA',
      '/api/v1/conversations?limit=1&limit=2',
      '/api/v1/conversations?query[$ne]=1',
      '/api/v1/members?cursor=%00',
      '/api/v1/usage?from=2026-02-30&to=2026-03-01&groupBy=day',
      '/api/v1/usage?from=2026-03-02&to=2026-03-01&groupBy=day',
      '/api/v1/usage?from=2026-03-01&to=2026-03-01&groupBy=content',
      '/api/v1/audit-entries?cursor=x',
      '/api/v1/budgets?from=0000-00&to=9999-99',
    ];
    for (const path of queries) {
      const { status, type } = await admin.get(path);
      expect([400, 422]).toContain(status);
      expect(type).toBe('application/problem+json');
    }
  });

  it('the vendor’s plane refuses as the city’s does', async () => {
    const ops = await signInVendor('ops');
    for (const body of [nested(10_000), '{"__proto__":{}}', '{"code":1}', '{"name":"\\ud800"}', '{', '[]']) {
      const response = await ops.send('post', '/api/ops/v1/cities').set('content-type', 'application/json').send(body);
      expect(REFUSALS).toContain(response.status);
      expect(response.type).toBe('application/problem+json');
    }
  });

  it('headers beyond all measure are refused, and the door stays open', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'x-large': 'a'.repeat(40_000) };
      httpRequest(`${visitor().origin}/api/v1/me`, { headers }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(431);
    await withApiKey(demoCity(0).apiKey).get('/api/v1/models').expect(200);
  });
});
