import type { Caller } from './callers.ts';

/** An answer of the api, or the lack of one. */
export interface Answer {
  /** 0: the connection failed before a status came. */
  readonly status: number;
  /** From sending to the whole body, milliseconds. */
  readonly ms: number;
  readonly body: Record<string, unknown>;
}

const PATIENCE_MS = 60_000;

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller hangs up after so long. */
  readonly leaveAfterMs?: number;
}

/** One request; never throws for what the network or the api does. */
export async function call(
  caller: Caller,
  method: string,
  path: string,
  body?: object,
  { headers = {}, leaveAfterMs = PATIENCE_MS }: CallOptions = {},
): Promise<Answer> {
  const startedAt = performance.now();
  const took = () => performance.now() - startedAt;
  try {
    const answer = await fetch(`${caller.origins[0]}${path}`, {
      method,
      headers: { ...caller.headers, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(leaveAfterMs),
    });
    const text = await answer.text();
    return { status: answer.status, ms: took(), body: parse(text) };
  } catch {
    return { status: 0, ms: took(), body: {} };
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
