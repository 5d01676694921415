import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '#libs/api-client';
import { runningStack } from '#libs/testing';
import { askAndFinish, question } from './support/jobs.ts';
import { myNumber, onboardCity, signIn, visitor } from './support/people.ts';
import { AT_ONCE, modelBehaves } from './support/simulator.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function verify(...args: string[]): Promise<{ code: number; output: string }> {
  const program = spawn(process.execPath, ['tools/audit-verify.mjs', ...args], {
    cwd: ROOT,
    // oxlint-disable-next-line node/no-process-env -- what a person's shell would have, and which installation is meant
    env: { ...process.env, MOYAI_HOME: runningStack().home },
  });
  let output = '';
  for (const stream of [program.stdout, program.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const [code] = (await once(program, 'close')) as [number];
  return { code, output };
}

describe('the audit trail', () => {
  it('tells who did what, refusals included, without a word of what was asked', async () => {
    await using _ = await modelBehaves(AT_ONCE);
    const city = await onboardCity('記録市');
    await visitor()
      .post('/api/v1/sessions', { ...city.firstAdmin, password: 'not the right password' })
      .expect(401);
    const job = await askAndFinish(city.admin, '合言葉はひまわりです。');
    await city.admin.get(`/api/v1/conversations/${job.conversationId}`).expect(200);
    await city.admin.post('/api/v1/jobs', question(`個人番号は${myNumber()}です`)).expect(422);
    await city.admin.delete(`/api/v1/conversations/${job.conversationId}`).expect(204);
    await city.admin.delete('/api/v1/sessions/current').expect(204);

    const again = await signIn(city.firstAdmin);
    const { body, text } = await again.get('/api/v1/audit-entries?limit=100').expect(200);
    const entries = (body.items as AuditEntry[]).toReversed();
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_entry, at) => at + 1));
    const actions = entries.map(({ action, outcome }) => `${action} ${outcome}`);
    for (const action of [
      'session.opened success',
      'session.refused refused',
      'job.accepted success',
      'job.completed success',
      'conversation.read success',
      'job.refused refused',
      'conversation.deleted success',
      'session.ended success',
    ])
      expect(actions).toContain(action);
    expect(text).not.toMatch(/ひまわり|合言葉|●/);
  });

  it('verifies, on all that this run has written', async () => {
    const { code, output } = await verify();
    expect({ code, output }).toMatchObject({ code: 0 });
  });
});
