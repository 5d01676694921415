import type { Demo } from '../services/running-product.ts';

/** Somebody who asks: a signed-in member or a city's system with its key. */
export interface Caller {
  readonly name: string;
  readonly cityCode: string;
  /** The entrances, the one usually taken first: each leads to an api of its own. */
  readonly origins: readonly [string, ...string[]];
  readonly headers: Readonly<Record<string, string>>;
  /** Named with every job in the My Number segment, where a job without one is refused. */
  readonly purposeCode: string | undefined;
  /** Only members have conversations. */
  readonly isMember: boolean;
}

type City = Demo['cities'][number];

/** One per entrance, by network. */
export type Entrances = readonly [Record<Network, string>, ...Record<Network, string>[]];
type Network = 'lgwan' | 'my_number';

const originsIn = (network: Network, [first, ...others]: Entrances): Caller['origins'] => [
  first[network],
  ...others.map((entrance) => entrance[network]),
];

/** The same caller, who comes by the other entrance first. */
export const byTheOther = (caller: Caller): Caller => ({
  ...caller,
  origins: caller.origins.toReversed() as [string, ...string[]],
});

/** The city's own system. */
export const keyCaller = (entrances: Entrances, city: City): Caller => ({
  name: `${city.code}/key`,
  cityCode: city.code,
  origins: originsIn('lgwan', entrances),
  headers: { authorization: `Bearer ${city.apiKey}` },
  purposeCode: undefined,
  isMember: false,
});

/** @throws Error when the member cannot sign in */
export async function memberCaller(entrances: Entrances, city: City, role: string, segment: Network): Promise<Caller> {
  const member = city.members.find((candidate) => candidate.role === role && candidate.segment === segment);
  if (!member) throw new Error(`${city.code} has no ${role} in ${segment}`);
  const origins = originsIn(segment, entrances);
  const answer = await fetch(`${origins[0]}/api/v1/sessions`, {
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
    origins,
    headers: { cookie },
    purposeCode: segment === 'my_number' ? city.purposeCode : undefined,
    isMember: true,
  };
}
