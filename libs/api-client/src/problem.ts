/** RFC 9457 body as the API writes it. `title` and `detail` are Japanese sentences for people. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly requestId?: string;
  readonly faults?: readonly { readonly pointer: string; readonly message: string }[];
}

/** Codes of failures that never reached the API, or came back from something in front of it. */
export type TransportCode = 'CLIENT.UNREACHABLE' | 'CLIENT.UNREADABLE';

/** A refused or failed API call. `problem.code` is stable; `problem.status` is 0 when no answer came at all. */
export class ApiProblem extends Error {
  constructor(
    readonly problem: Problem,
    options?: ErrorOptions,
  ) {
    super(problem.code, options);
    this.name = 'ApiProblem';
  }

  get status(): number {
    return this.problem.status;
  }

  /** True when asking again, unchanged, may succeed: no answer, throttled, or the server's own trouble. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  static unreachable(cause: unknown): ApiProblem {
    return new ApiProblem({ title: '', status: 0, code: 'CLIENT.UNREACHABLE' satisfies TransportCode }, { cause });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Reads an error body. Anything that is not problem+json (a proxy's HTML page, say) becomes CLIENT.UNREADABLE. */
export function toProblem(body: unknown, status: number): ApiProblem {
  if (isObject(body) && typeof body['code'] === 'string' && typeof body['title'] === 'string') {
    return new ApiProblem({ ...(body as unknown as Problem), status });
  }
  return new ApiProblem({ title: '', status, code: 'CLIENT.UNREADABLE' satisfies TransportCode });
}
