import { poll } from '../../services/processes.ts';
import type { RunningProduct } from '../../services/running-product.ts';
import { vendorSession } from '../../services/vendor-sign-in.ts';
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

/** Tokens and jobs of the month: a product starts with a past. */
type Metered = Books['metered'];
type Cookies = Readonly<Record<'finance' | 'ops', { readonly cookie: string }>>;

/** The product's books, read through the vendor's own doors. */
export class OpenBooks implements Disposable {
  private readonly vendor: HttpConnection;
  private readonly simulator: HttpConnection;
  private readonly cookies: Cookies;
  private readonly past: Metered;

  private constructor(vendor: HttpConnection, simulator: HttpConnection, cookies: Cookies, past: Metered) {
    this.vendor = vendor;
    this.simulator = simulator;
    this.cookies = cookies;
    this.past = past;
  }

  /** Before the first job: what is billed by then is not the bench's. */
  static async of({ demo, record }: RunningProduct): Promise<OpenBooks> {
    const vendor = new HttpConnection(demo.origins.vendor);
    const simulator = new HttpConnection(`http://127.0.0.1:${record.ports.simulator}`);
    const signIn = (role: string) => {
      const person = demo.vendor.find((one) => one.role === role)!;
      return vendorSession(demo.origins.vendor, person).then((cookie) => ({ cookie }));
    };
    const cookies = { finance: await signIn('finance'), ops: await signIn('ops') };
    const nothing = { jobs: 0, inputTokens: 0, outputTokens: 0 };
    const { metered } = await new OpenBooks(vendor, simulator, cookies, nothing).read();
    return new OpenBooks(vendor, simulator, cookies, metered);
  }

  [Symbol.dispose](): void {
    this.vendor[Symbol.dispose]();
    this.simulator[Symbol.dispose]();
  }

  /**
   * Returns when everything accepted since is billed as the simulator served it, and nothing is held any more.
   * @throws Error with both books when it does not come to that within seconds: a job not billed, billed twice or billed wrongly
   */
  async demandBalance(acceptedJobs: number): Promise<void> {
    let books: Books | undefined;
    const balanced = async (): Promise<true | undefined> => {
      books = await this.read();
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
  }

  private async read(): Promise<Books> {
    const { finance, ops } = this.cookies;
    const { items: cities } = await this.vendor.json<{ items: City[] }>('GET', '/api/ops/v1/cities?limit=100', ops);
    const usage = `/api/finance/v1/usage?month=${cities[0]!.month.month}`;
    const { total } = await this.vendor.json<{ total: Metered }>('GET', usage, finance);
    return {
      metered: {
        jobs: total.jobs - this.past.jobs,
        inputTokens: total.inputTokens - this.past.inputTokens,
        outputTokens: total.outputTokens - this.past.outputTokens,
      },
      served: await this.simulator.json<Books['served']>('GET', '/_simulator/stats'),
      reservedTokens: cities.reduce((sum, { month }) => sum + month.reservedTokens, 0),
      openJobs: cities.reduce((sum, { jobs }) => sum + jobs.waiting + jobs.running, 0),
    };
  }
}
