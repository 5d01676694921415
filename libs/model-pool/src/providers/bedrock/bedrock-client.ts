import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ModelDeployment } from '#libs/config';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * The SDK's client for one deployment. Retries are the worker's, which knows what a job may still cost, so the SDK makes
 * one attempt. How it proves who it is:
 * - a deployment with an API key sends it as bearer token (a Bedrock API key);
 * - a plain `http:` endpoint is never AWS itself but a simulator or a gateway inside the closed network, and gets
 *   unsigned requests: no credential is needed, and none travels in the clear;
 * - everything else signs with what the SDK's own chain finds (role, profile, environment).
 */
export function createBedrockClient({ region, endpoint, apiKey }: ModelDeployment): BedrockRuntimeClient {
  const plain = endpoint?.startsWith('http:') ?? false;
  return new BedrockRuntimeClient({
    region,
    maxAttempts: 1,
    ...(endpoint && { endpoint }),
    ...(plain && { requestHandler: plainHandler() }),
    ...(apiKey ? bearer(apiKey) : plain && UNSIGNED),
  });
}

/** The SDK's default handler speaks HTTP/2, which plain endpoints rarely do. Admission bounds the streams, not the agent. */
const plainHandler = () =>
  new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY },
  });

const bearer = (token: string): BedrockRuntimeClientConfig => ({
  token: { token },
  authSchemePreference: ['httpBearerAuth'],
});

const NO_AUTH = 'smithy.api#noAuth';
const UNSIGNED: BedrockRuntimeClientConfig = {
  httpAuthSchemeProvider: () => [{ schemeId: NO_AUTH }],
  httpAuthSchemes: [
    {
      schemeId: NO_AUTH,
      identityProvider: () => async () => ({}),
      signer: { sign: async (request) => request },
    },
  ],
};
