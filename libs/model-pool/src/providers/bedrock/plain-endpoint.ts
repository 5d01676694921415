import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CONNECT_TIMEOUT_MS } from './http2-handler.ts';

/** A plain `http:` endpoint is never AWS itself but a simulator or a gateway inside the closed network. */
export const isPlain = (endpoint: string | undefined): boolean => endpoint?.startsWith('http:') ?? false;

/**
 * The SDK's default handler speaks HTTP/2, which plain endpoints rarely do. Admission bounds the streams, not the agent.
 * @param requestTimeout milliseconds until the answer; left out for streams, which have their own deadlines
 */
export const http1Handler = (requestTimeout?: number) =>
  new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    ...(requestTimeout !== undefined && { requestTimeout, throwOnRequestTimeout: true }),
    httpAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY },
  });

const NO_AUTH = 'smithy.api#noAuth';

/** For any client of the SDK: requests without a signature, so that no credential is needed. */
export const UNSIGNED = {
  httpAuthSchemeProvider: () => [{ schemeId: NO_AUTH }],
  httpAuthSchemes: [
    {
      schemeId: NO_AUTH,
      identityProvider: () => async () => ({}),
      signer: { sign: async <Request>(request: Request) => request },
    },
  ],
};
