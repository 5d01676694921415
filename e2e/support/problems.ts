import { expect } from 'vitest';
import type { Response } from 'supertest';

/** A refusal as every program can read it: RFC 9457, with our stable code. */
export function expectProblem(response: Response, status: number, code: string): void {
  expect({ status: response.status, type: response.type, code: response.body?.code }).toEqual({
    status,
    type: 'application/problem+json',
    code,
  });
}

/** What of an answer could tell two refusals apart: all of it, but for the clock and the number of the request. */
export function fingerprintOf({ status, headers, text }: Response): object {
  const { date: _date, 'x-request-id': _requestId, ...rest } = headers as Record<string, string>;
  return { status, headers: rest, text };
}
