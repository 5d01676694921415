import { Secret, TOTP } from 'otpauth';

/** One of the vendor's people, as `.moyai/demo.json` has them. */
export interface VendorPerson {
  readonly loginId: string;
  readonly password: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** What the person's authenticator shows now. */
export const codeOf = (secret: string): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate();

const sessions = new Map<string, Promise<string>>();

/** Signs in once in this process: a code works once, and a session lasts a working day. @returns the cookie header */
export function vendorSession(origin: string, person: VendorPerson): Promise<string> {
  const key = `${origin} ${person.totpSecret}`;
  const known = sessions.get(key) ?? signIn(origin, person);
  sessions.set(key, known);
  return known;
}

async function signIn(origin: string, { loginId, password, totpSecret }: VendorPerson): Promise<string> {
  const begun = await post(`${origin}/api/ops/v1/sessions`, { loginId, password });
  const proof = { method: 'totp', code: codeOf(totpSecret) };
  return post(`${origin}/api/ops/v1/sessions/current/second-factor`, proof, begun);
}

async function post(url: string, body: object, cookie = ''): Promise<string> {
  const headers = { 'content-type': 'application/json', cookie };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const given = answer.headers.getSetCookie().find((line) => line.startsWith('moyai_vendor_session='));
  if (!given) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return given.split(';')[0]!;
}
