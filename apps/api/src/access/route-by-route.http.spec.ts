import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Credential, NOBODY, cityCredentials, vendorCredentials } from '../../test/credentials.ts';
import { addressOf, everyRoute } from '../../test/routes.ts';
import { type Answer, send } from '../../test/send.ts';
import { type TestApi, createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity } from '../../test/test-city.ts';
import { SCIM_BASE } from '../scim/scim-resources.ts';
import { type ApiRoute, planeOf } from './route-registry.ts';

const LISTENER = { city: 'lgwan', vendor: 'vendor' } as const;
const PLANES = ['city', 'vendor'] as const;

type Verdict = 'absent' | 'unauthenticated' | 'forbidden' | 'let in';

/** What docs/permissions.md says: the address is of the plane, somebody asks, and holds the permission. */
function stated(
  { plane, permissions }: Omit<Credential, 'headers'>,
  asked: Credential['plane'],
  route: ApiRoute,
): Verdict {
  if (![asked, 'both'].includes(planeOf(route))) return 'absent';
  if (route.access === 'public') return 'let in';
  if (plane !== asked || permissions.length === 0) return 'unauthenticated';
  return permissions.includes(route.access) ? 'let in' : 'forbidden';
}

const codeOf = ({ text }: Answer): string => {
  try {
    const body = JSON.parse(text) as { code?: string; error?: { code?: string } };
    return body.code ?? body.error?.code ?? '';
  } catch {
    return '';
  }
};

/** SCIM's errors carry no code, and SCIM has no other 403. */
const isForbidden = ({ path }: ApiRoute, answer: Answer): boolean =>
  path.startsWith(SCIM_BASE) || codeOf(answer) === 'IDENTITY.FORBIDDEN';

/** What was answered. Ids that name nothing are not found by those who may ask for them. */
function answered(route: ApiRoute, answer: Answer): Verdict {
  // Finishing to sign in is over for those who are signed in; what they hold is the same
  if (codeOf(answer) === 'IDENTITY.SECOND_FACTOR_REQUIRED') return 'let in';
  if (answer.status === 401) return route.access === 'public' ? 'let in' : 'unauthenticated';
  if (answer.status === 403 && isForbidden(route, answer)) return 'forbidden';
  if (answer.status === 404 && !route.path.includes('{')) return 'absent';
  return 'let in';
}

describe('every route, asked by everybody', () => {
  let api: TestApi;
  let superuser: Pool;
  let routes: ApiRoute[];
  let credentials: Credential[];
  beforeAll(async () => {
    api = await createTestApi();
    superuser = new Pool({ connectionString: api.database.urls.superuser, max: 1 });
    routes = everyRoute(api);
    const city = await onboardCity(api.app, CITY_A);
    credentials = [...(await cityCredentials(api, city)), ...(await vendorCredentials(api))];
    // What a city is asked to agree to is only there once it is asked
    const ops = credentials.find(({ name }) => name === 'ops')!;
    const exit = { cityId: city.id, reason: '契約の満了' };
    await api.on('vendor').post('/api/ops/v1/city-exits').set(ops.headers).send(exit).expect(201);
  });
  afterAll(async () => {
    await superuser.end();
    await api[Symbol.asyncDispose]();
  });

  /** Some of what people may do ends the session they do it with; the next question is asked by the same person. */
  const keepSignedIn = async () => {
    await superuser.query('UPDATE sessions SET revoked_at = NULL');
    await superuser.query('UPDATE vendor_sessions SET revoked_at = NULL');
  };

  async function differences(who: Credential, asked: Credential['plane']): Promise<string[]> {
    const found: string[] = [];
    for (const route of routes) {
      const body = route.method === 'get' ? undefined : {};
      const answer = await send(api, LISTENER[asked], { ...route, path: addressOf(route), headers: who.headers, body });
      const [says, is] = [stated(who, asked, route), answered(route, answer)];
      // A thing that is not there and an address that is not there are the same 404.
      const same = says === is || (says === 'absent' && answer.status === 404);
      if (!same)
        found.push(
          `${who.name} on ${asked}: ${route.method} ${route.path}: stated ${says}, is ${is} (${answer.status})`,
        );
      if (route.access === 'session:own' && route.method !== 'get') await keepSignedIn();
    }
    return found;
  }

  const lastProven = async (when: string) => {
    await superuser.query(`UPDATE sessions SET proven_at = ${when}`);
    await superuser.query(`UPDATE vendor_sessions SET proven_at = ${when}`);
  };

  /** Where somebody whose proof is too old is asked for another though the table says nothing of it, or is not asked. */
  async function wronglyAsked(who: Credential): Promise<string[]> {
    const found: string[] = [];
    for (const route of routes.filter(({ method }) => method !== 'get')) {
      const sent = { ...route, path: addressOf(route), headers: who.headers, body: {} };
      const isAsked = codeOf(await send(api, LISTENER[who.plane], sent)) === 'IDENTITY.STEP_UP_REQUIRED';
      const isLetIn = stated(who, who.plane, route) === 'let in';
      if (isAsked !== (isLetIn && route.stepUp)) found.push(`${who.name}: ${route.method} ${route.path}`);
      if (route.access === 'session:own') await keepSignedIn();
    }
    return found;
  }

  it('asks again who is there exactly where the table says so, once it is clear that they may', async () => {
    await lastProven(`now() - interval '11 minutes'`);
    expect((await Promise.all(credentials.map(wronglyAsked))).flat()).toEqual([]);
    await lastProven('now()');
  }, 60_000);

  it('refuses exactly where the table of permissions says so', { timeout: 60_000 }, async () => {
    const everybody = [...credentials, { ...NOBODY, plane: 'city' } as const];
    const asked = everybody.flatMap((who) => PLANES.map((plane) => ({ who, plane })));
    const found = await Promise.all(asked.map(({ who, plane }) => differences(who, plane)));
    expect(found.flat()).toEqual([]);
    expect(credentials.length).toBeGreaterThanOrEqual(14);
    process.stdout.write(`${routes.length} routes x ${everybody.length} credentials x ${PLANES.length} networks\n`);
  });
});
