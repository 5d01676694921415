import type { Demo } from '../services/running-product.ts';

/** Somebody who asks: a signed-in member or a city's system with its key. */
export interface Caller {
  readonly name: string;
  readonly cityCode: string;
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Named with every job in the My Number segment, where a job without one is refused. */
  readonly purposeCode: string | undefined;
  /** Only members have conversations. */
  readonly isMember: boolean;
}

type City = Demo['cities'][number];

/** The city's own system. */
export const keyCaller = (demo: Demo, city: City): Caller => ({
  name: `${city.code}/key`,
  cityCode: city.code,
  origin: demo.origins.lgwan,
  headers: { authorization: `Bearer ${city.apiKey}` },
  purposeCode: undefined,
  isMember: false,
});

/** @throws Error when the member cannot sign in */
export async function memberCaller(demo: Demo, city: City, role: string, segment: string): Promise<Caller> {
  const member = city.members.find((candidate) => candidate.role === role && candidate.segment === segment);
  if (!member) throw new Error(`${city.code} has no ${role} in ${segment}`);
  const origin = segment === 'my_number' ? demo.origins.my_number : demo.origins.lgwan;
  const answer = await fetch(`${origin}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cityCode: city.code, loginId: member.loginId, password: member.password }),
  });
  if (answer.status !== 201) throw new Error(`${city.code}/${role} could not sign in: ${answer.status}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    name: `${city.code}/${role}@${segment}`,
    cityCode: city.code,
    origin,
    headers: { cookie },
    purposeCode: segment === 'my_number' ? city.purposeCode : undefined,
    isMember: true,
  };
}
