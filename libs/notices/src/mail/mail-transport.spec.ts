import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#libs/kernel';
import { MailRelay, type Refusal, type RelayCertificate, relayCertificate } from '#libs/testing';
import { MailTransport } from './mail-transport.ts';

/** On this machine, and yet not the host itself: only that may go without TLS. */
const ELSEWHERE = '127.0.0.2';
const FROM = 'moyai@vendor.example.jp';
const LOGIN = { user: 'moyai', password: 'p@ss word' };

describe('a relay', () => {
  let folder: string;
  let tls: RelayCertificate;
  let caFile: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'moyai-mail-'));
    tls = await relayCertificate(ELSEWHERE);
    caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, tls.authority);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const send = (url: string, options: { caFile?: string } = {}) =>
    new MailTransport({ from: FROM, url, ...options }).send({
      id: newId(),
      to: 'kanri@city.example.lg.jp',
      subject: '【Moyai】お知らせ',
      body: '本文',
      createdAt: new Date(),
    });
  const remote = ({ port }: MailRelay, scheme = 'smtp', login = '') => `${scheme}://${login}${ELSEWHERE}:${port}`;
  const refusedBy = async (answer: Refusal) => {
    await using relay = await MailRelay.start();
    relay.answer = answer;
    return await send(relay.url);
  };

  it.each(['STARTTLS', 'TLS from the first byte'])(
    'of a private authority is spoken to under %s, by who holds its password',
    async (how) => {
      const implicitTls = how !== 'STARTTLS';
      await using relay = await MailRelay.start({ host: ELSEWHERE, tls, implicitTls, login: LOGIN });
      const login = `${LOGIN.user}:${encodeURIComponent(LOGIN.password)}@`;
      const url = remote(relay, implicitTls ? 'smtps' : 'smtp', login);
      expect(await send(url, { caFile })).toEqual({ outcome: 'sent', code: null });
      expect(relay.encrypted).toBe(1);
    },
  );

  it('whose certificate nobody vouches for gets no mail', async () => {
    await using relay = await MailRelay.start({ host: ELSEWHERE, tls });
    const other = join(folder, 'other.pem');
    writeFileSync(other, (await relayCertificate(ELSEWHERE)).authority);
    for (const options of [{}, { caFile: other }]) {
      const { outcome, code } = await send(remote(relay), options);
      expect(outcome).toBe('later');
      expect(code).toMatch(/TLS|CERT|SIGNATURE|ISSUER|SOCKET/);
    }
    expect(relay.received).toEqual([]);
  });

  it('without TLS gets none either, unless it is on the same host', async () => {
    await using plain = await MailRelay.start({ host: ELSEWHERE });
    expect((await send(remote(plain))).outcome).toBe('later');
    expect(plain.received).toEqual([]);
    await using here = await MailRelay.start();
    expect(await send(here.url)).toEqual({ outcome: 'sent', code: null });
  });

  it('that does not know our password costs no mail: somebody will mend the setting', async () => {
    await using relay = await MailRelay.start({ host: ELSEWHERE, tls, login: LOGIN });
    expect(await send(remote(relay, 'smtp', 'moyai:wrong@'), { caFile })).toEqual({ outcome: 'later', code: '535' });
    expect(await refusedBy({ code: 550, at: 'sender' })).toEqual({ outcome: 'later', code: '550' });
  });

  it.each([421, 450, 451, 452])('that says %i is asked again', async (code) => {
    expect(await refusedBy({ code })).toEqual({ outcome: 'later', code: String(code) });
    expect(await refusedBy({ code, at: 'mail' })).toEqual({ outcome: 'later', code: String(code) });
  });

  it.each([550, 552, 554])('that says %i of the receiver or the mail is taken at its word', async (code) => {
    expect(await refusedBy({ code })).toEqual({ outcome: 'rejected', code: String(code) });
    expect(await refusedBy({ code, at: 'mail' })).toEqual({ outcome: 'rejected', code: String(code) });
  });

  it('that is away, or hangs up, is tried later', async () => {
    const relay = await MailRelay.start();
    const { url } = relay;
    await relay[Symbol.asyncDispose]();
    expect((await send(url)).outcome).toBe('later');
    const rude = createServer((socket) => socket.destroy());
    const port = await new Promise<number>((resolve) =>
      rude.listen(0, '127.0.0.1', () => resolve((rude.address() as { port: number }).port)),
    );
    expect((await send(`smtp://127.0.0.1:${port}`)).outcome).toBe('later');
    await new Promise((resolve) => rude.close(resolve));
  });
});
