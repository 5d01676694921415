import { BedrockRuntimeClient, type BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import type { ModelDeployment } from '#libs/config';
import { AnswerProtocol } from './answer-protocol.ts';
import { http2Handler } from './http2-handler.ts';
import { UNSIGNED, isPlain, http1Handler } from './plain-endpoint.ts';

/**
 * The SDK's client for one deployment. Retries are the worker's, which knows what a job may still cost, so the SDK makes
 * one attempt. How it proves who it is:
 * - a deployment with an API key sends it as bearer token (a Bedrock API key);
 * - a plain `http:` endpoint is never AWS itself but a simulator or a gateway inside the closed network, and gets
 *   unsigned requests: no credential is needed, and none travels in the clear;
 * - everything else signs with what the SDK's own chain finds (role, profile, environment).
 */
export function createBedrockClient({ region, endpoint, apiKey }: ModelDeployment): BedrockRuntimeClient {
  const plain = isPlain(endpoint);
  return new BedrockRuntimeClient({
    region,
    maxAttempts: 1,
    protocol: AnswerProtocol,
    ...(endpoint && { endpoint }),
    requestHandler: plain ? http1Handler() : http2Handler(),
    ...(apiKey ? bearer(apiKey) : plain && UNSIGNED),
  });
}

const bearer = (token: string): BedrockRuntimeClientConfig => ({
  token: { token },
  authSchemePreference: ['httpBearerAuth'],
});
