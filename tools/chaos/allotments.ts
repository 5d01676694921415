import { type Caller, type Entrances, memberCaller } from './callers.ts';
import { call } from './client.ts';
import type { Demo } from '../services/running-product.ts';

/** So far above what anybody uses here that nobody is refused: the counting alone is of interest. */
const LIMIT_TOKENS = 10_000_000_000;

/** Gives these members of a city, and every department of it, a limit of their own: from then on each call counts there too. */
export async function allot(
  entrances: Entrances,
  city: Demo['cities'][number],
  members: readonly Caller[],
): Promise<void> {
  const admin = await memberCaller(entrances, city, 'admin', 'lgwan');
  const month = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 7);
  const path = `/api/v1/budgets/${month}/allotments`;
  const ask = async (caller: Caller, method: string, where: string, body?: object) => {
    const answer = await call(caller, method, where, body);
    if (answer.status !== 200) throw new Error(`${method} ${where}: ${answer.status}`);
    return answer.body;
  };
  const { items } = (await ask(admin, 'GET', path)) as { items: { level: string; holderId: string }[] };
  const people = await Promise.all(
    members.map((member) => ask(member, 'GET', '/api/v1/me') as Promise<{ member: { id: string } }>),
  );
  const holders = items
    .filter(({ level }) => level === 'department')
    .map(({ holderId }) => `department/${holderId}`)
    .concat(people.map(({ member }) => `member/${member.id}`));
  for (const holder of holders) await ask(admin, 'PUT', `${path}/${holder}`, { limitTokens: LIMIT_TOKENS });
}
