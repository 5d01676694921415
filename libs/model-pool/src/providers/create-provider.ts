import type { ModelDeployment } from '#libs/config';
import type { ModelProvider } from '../model-provider.ts';
import { BedrockProvider } from './bedrock/bedrock-provider.ts';
import { OpenAiCompatibleProvider } from './openai-compatible/openai-compatible-provider.ts';

const PROVIDERS: Record<ModelDeployment['provider'], new (deployment: ModelDeployment) => ModelProvider> = {
  bedrock: BedrockProvider,
  'openai-compatible': OpenAiCompatibleProvider,
};

/** The provider that speaks to a deployment. Opens no connection. */
export const createProvider = (deployment: ModelDeployment): ModelProvider =>
  new PROVIDERS[deployment.provider](deployment);
