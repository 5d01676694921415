import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { NestLog } from './nest-log.ts';
import { extendContext, runInContext } from './request-context.ts';

function recorded() {
  const lines: string[] = [];
  const log = createLogger('api', { level: 'info' }, { write: (line: string) => void lines.push(line) });
  return { log, lines, last: (): Record<string, unknown> => JSON.parse(lines.at(-1)!) };
}

describe('a log line', () => {
  it('is JSON with the service, the event, its ids and measures, and the context of the request', () => {
    const { log, last } = recorded();
    runInContext({ requestId: 'r1' }, () => {
      extendContext({ tenantId: '018f3a52-0000-7000-8000-123456789012' });
      log.info('job.settled', { jobId: '018f3a52-0000-7000-8000-000000000001', waitMs: 12, simulated: true });
    });
    expect(last()).toMatchObject({
      level: 'info',
      service: 'api',
      event: 'job.settled',
      requestId: 'r1',
      tenantId: '018f3a52-0000-7000-8000-123456789012',
      jobId: '018f3a52-0000-7000-8000-000000000001',
      waitMs: 12,
      simulated: true,
    });
  });

  it.each([
    ['a sentence', '住民税の減免について'],
    ['an English sentence', 'please summarise this'],
    ['a My Number', '123456789018'],
    ['a My Number in groups', '1234-5678-9018'],
    ['an object', { prompt: 'secret' }],
    ['a list', ['secret']],
  ])('withholds %s', (_, value) => {
    const { log, last } = recorded();
    log.info('job.accepted', { value });
    expect(last()['value']).toBe('[withheld]');
  });

  it('tells an error by class, code and stack, without what drivers quote or attach', () => {
    const { log, lines, last } = recorded();
    const cause = Object.assign(new Error('invalid input syntax for type uuid: "山田太郎 tax"'), {
      code: '22P02',
      parameters: ['secret'],
    });
    log.error('request.failed', { error: new TypeError("near 123456789018 in 'secret'", { cause }) });
    expect(lines.join()).not.toMatch(/secret|山田|123456789018/);
    expect(last()['error']).toMatchObject({
      type: 'TypeError',
      stack: expect.stringContaining('log.spec.ts'),
      cause: { code: '22P02', message: 'invalid input syntax for type uuid: "…"' },
    });
  });

  it("is what Nest's own logger writes too", () => {
    const { log, lines, last } = recorded();
    const nest = new NestLog(log);
    nest.log('Mapped {/api/v1/jobs, POST} route', 'RouterExplorer');
    expect(last()).toMatchObject({ event: 'Mapped {/api/v1/jobs, POST} route', context: 'RouterExplorer' });
    nest.debug('below the level');
    expect(lines).toHaveLength(1);
    const { stack } = new Error('of 山田太郎');
    for (const rest of [[stack], [stack, 'ExceptionsHandler']]) {
      nest.error('of 山田太郎', ...rest);
      expect(last()['error']).toMatchObject({ message: 'of …', stack: expect.stringContaining('log.spec.ts') });
      expect(last()['context']).toBe(rest[1]);
    }
  });
});
