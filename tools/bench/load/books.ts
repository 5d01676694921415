import { poll } from '../../services/processes.ts';
import type { RunningProduct } from '../../services/running-product.ts';
import { HttpConnection } from './http-connection.ts';

/** The last job's place in line is given back by the admission that follows it, a second later at most. */
const SETTLED_WITHIN_MS = 10_000;

interface City {
  readonly month: { readonly month: string; readonly reservedTokens: number };
  readonly jobs: { readonly waiting: number; readonly running: number };
}

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

interface Books {
  readonly metered: Tokens & { readonly jobs: number };
  /** The simulator's own ledger. */
  readonly served: Tokens & { readonly calls: number };
  readonly reservedTokens: number;
  readonly openJobs: number;
}

/**
 * Returns when everything the product ever accepted is billed as the simulator served it, and nothing is held any more.
 * Read through the vendor's own doors.
 * @throws Error with both books when it does not come to that within seconds: a job not billed, billed twice or billed wrongly
 */
export async function demandBalance({ demo, record }: RunningProduct, acceptedJobs: number): Promise<void> {
  using vendor = new HttpConnection(demo.origins.vendor);
  using simulator = new HttpConnection(`http://127.0.0.1:${record.ports.simulator}`);
  const [finance, ops] = await Promise.all(
    ['finance', 'ops'].map((plane) => {
      const { loginId, password } = demo.vendor.find(({ role }) => role === plane)!;
      return vendor.signIn('/api/ops/v1/sessions', { loginId, password });
    }),
  );
  let books: Books | undefined;
  const balanced = async (): Promise<true | undefined> => {
    books = await read();
    const { metered, served, reservedTokens, openJobs } = books;
    const isEven =
      metered.jobs === acceptedJobs &&
      served.calls === acceptedJobs &&
      metered.inputTokens === served.inputTokens &&
      metered.outputTokens === served.outputTokens;
    return isEven && reservedTokens === 0 && openJobs === 0 ? true : undefined;
  };
  await poll('balance', SETTLED_WITHIN_MS, balanced, 500).catch(() => {
    throw new Error(`the books do not balance over ${acceptedJobs} accepted jobs: ${JSON.stringify(books)}`);
  });

  async function read(): Promise<Books> {
    const { items: cities } = await vendor.json<{ items: City[] }>('GET', '/api/ops/v1/cities?limit=100', ops);
    const usage = `/api/finance/v1/usage?month=${cities[0]!.month.month}`;
    const { total } = await vendor.json<{ total: Books['metered'] }>('GET', usage, finance);
    const served = await simulator.json<Books['served']>('GET', '/_simulator/stats');
    return {
      metered: total,
      served,
      reservedTokens: cities.reduce((sum, { month }) => sum + month.reservedTokens, 0),
      openJobs: cities.reduce((sum, { jobs }) => sum + jobs.waiting + jobs.running, 0),
    };
  }
}
