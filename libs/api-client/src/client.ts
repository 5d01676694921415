import createFetchClient, { type Client } from 'openapi-fetch';
import { ApiProblem, toProblem } from './problem.ts';
import type { paths } from './schema.gen.ts';

export type ApiClient = Client<paths>;

/** A typed client of the Moyai API. The default base URL is the page's own origin: the portal never calls another. */
export const createClient = (baseUrl = ''): ApiClient => createFetchClient<paths>({ baseUrl });

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * The body of a successful call.
 * @throws ApiProblem for every answer outside 2xx, and for no answer at all. An abort is rethrown as it is.
 */
export async function unwrap<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw ApiProblem.unreachable(cause);
  });
  if (!response.ok) throw toProblem(error, response.status);
  return data as Data;
}
