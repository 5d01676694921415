import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { BenchProduct } from '../load/bench-product.ts';
import { pause } from '../load/closed-loop.ts';
import { deploymentEnvironment } from '../load/deployments.ts';
import { HttpRefusal } from '../load/http-connection.ts';
import { burnOf, type Call, type Kept, MODEL, QUOTA, REGIONS, type Regions } from './regions.ts';

const CONCURRENCY = 64;
const REFUSED_FOR_MS = 100;

/** A product with a deployment in each region, which knows what was granted there. */
export const productEnvironment = (regions: Regions): NodeJS.ProcessEnv =>
  deploymentEnvironment(
    ...REGIONS.map((region) => ({
      ...QUOTA,
      id: `bench-${region}`,
      region,
      endpoint: regions.endpointOf(region),
      concurrency: CONCURRENCY,
    })),
  );

interface Completion {
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** Asks through the OpenAI-compatible API, for three cities in turn. */
export class ProductCaller {
  private readonly started: BenchProduct;
  private turn = 0;

  constructor(started: BenchProduct) {
    this.started = started;
  }

  /** Nothing left in the product's books either, as in the provider's: neither begins with a minute's worth of bursts. */
  async emptyBooks(): Promise<void> {
    const environment = readFileSync(join(this.started.product.home, 'environment.json'), 'utf8');
    const { DATABASE_ADMISSION_URL: url } = JSON.parse(environment) as { DATABASE_ADMISSION_URL: string };
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(
        'UPDATE pool_deployments SET tokens_left = 0, requests_left = 0, refilled_at = clock_timestamp()',
      );
    } finally {
      await client.end();
    }
  }

  /** @returns null when the product could not take it now */
  async call({ prompt, maxTokens }: Call): Promise<Kept | null> {
    const { city, product } = this.started;
    const { cities } = product.demo;
    const { apiKey } = cities[(this.turn += 1) % cities.length]!;
    const body = { model: MODEL, messages: [{ role: 'user', content: prompt }], max_tokens: maxTokens };
    try {
      const headers = { authorization: `Bearer ${apiKey}` };
      const { usage } = await city.json<Completion>('POST', '/api/openai/v1/chat/completions', headers, body);
      return { endedAt: performance.now(), quotaTokens: burnOf(usage.prompt_tokens, usage.completion_tokens) };
    } catch (error) {
      if (!(error instanceof HttpRefusal && (error.status === 503 || error.status === 429))) throw error;
      await pause(REFUSED_FOR_MS);
      return null;
    }
  }
}
