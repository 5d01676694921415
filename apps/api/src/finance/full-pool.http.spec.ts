import { expect, it } from 'vitest';
import { FinanceDatabase } from '#libs/database';
import { jstMonthOf } from '#libs/kernel';
import { createTestApi } from '../../test/test-api.ts';
import { CITY_A, onboardCity, signInVendor } from '../../test/test-city.ts';

const PEOPLE = 20;
const CONNECTIONS = 4;
/** Longer than anybody of a city waits for a connection. */
const LONG_LOOK_S = 2;

it('twenty people who open the page of the close while others look at everything are all answered', async () => {
  await using api = await createTestApi();
  await onboardCity(api.app, CITY_A);
  const cookie = await signInVendor(api, 'finance');
  const month = jstMonthOf(new Date());
  const history = `/usage-history?from=${month}&to=${month}&groupBy=city`;
  const page = ['/periods', `/periods/${month}`, '/usage-corrections', history];
  const ask = (path: string) => api.on('vendor').get(`/api/finance/v1${path}`).set('cookie', cookie);
  for (const path of page) await ask(path).expect(200);

  const finance = api.app.get(FinanceDatabase);
  const looks = Array.from({ length: CONNECTIONS }, () => finance.query('SELECT pg_sleep($1)', [LONG_LOOK_S]));
  const answers = await Promise.all(Array.from({ length: PEOPLE }, () => page.map((path) => ask(path))).flat());
  await Promise.all(looks);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
});
