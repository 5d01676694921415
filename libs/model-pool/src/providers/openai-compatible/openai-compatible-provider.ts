import OpenAI from 'openai';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import type { ModelDeployment } from '#libs/config';
import type { FinishReason, ModelEvent, ModelProvider, ModelRequest, TokenUsage } from '../../model-provider.ts';
import { toOpenAiFault } from './openai-faults.ts';

/** Any server of the OpenAI chat-completions protocol: vLLM, llama.cpp, Ollama, or a provider's own. */
export class OpenAiCompatibleProvider implements ModelProvider {
  private readonly client: OpenAI;

  constructor({ endpoint, apiKey }: ModelDeployment) {
    this.client = new OpenAI({
      baseURL: toBaseUrl(endpoint ?? ''),
      maxRetries: 0,
      // The client would print a chunk that it cannot parse, which is content.
      logLevel: 'off',
      apiKey: apiKey ?? 'none',
      // The client wants a key to start; a server without one must not get a made-up header.
      ...(!apiKey && { defaultHeaders: { Authorization: null } }),
      // Nothing the environment happens to hold may travel to a city's own server.
      organization: null,
      project: null,
    });
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    let opened = false;
    try {
      const chunks = await this.client.chat.completions.create(toInput(request), { signal });
      opened = true;
      for await (const chunk of chunks) yield* toEvents(chunk);
    } catch (cause) {
      throw toOpenAiFault(cause, opened);
    }
  }
}

/** Operators give the server's address with or without the protocol's `/v1`; a longer path is taken as it is. */
function toBaseUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = '/v1';
  return url.href;
}

function toInput(request: ModelRequest): ChatCompletionCreateParamsStreaming {
  const { callId, deployment, system = [], messages, maxTokens, stop = [] } = request;
  return {
    model: deployment.providerModelId,
    messages: [...system.map((content) => ({ role: 'system' as const, content })), ...messages],
    // The newer name, max_completion_tokens, is unknown to most servers that cities run themselves.
    max_tokens: maxTokens,
    ...(stop.length > 0 && { stop: [...stop] }),
    stream: true,
    stream_options: { include_usage: true },
    // Other servers may refuse a field they do not know.
    ...(deployment.simulated && { metadata: { moyai_call_id: callId } }),
  };
}

function* toEvents({ choices, usage }: ChatCompletionChunk): Generator<ModelEvent> {
  const choice = choices[0];
  if (choice?.delta?.content) yield { type: 'text', text: choice.delta.content };
  if (choice?.finish_reason) yield { type: 'finish', reason: toFinishReason(choice.finish_reason) };
  if (usage) yield { type: 'usage', usage: toUsage(usage) };
}

/** This protocol counts cached tokens among the prompt's; ours keeps the kinds apart. What a server leaves out is NaN. */
export function toUsage({ prompt_tokens, completion_tokens, prompt_tokens_details }: CompletionUsage): TokenUsage {
  const cacheReadTokens = Math.min(prompt_tokens_details?.cached_tokens ?? 0, prompt_tokens);
  return {
    inputTokens: prompt_tokens - cacheReadTokens,
    outputTokens: completion_tokens ?? NaN,
    cacheReadTokens,
    cacheWriteTokens: 0,
  };
}

const toFinishReason = (reason: string): FinishReason =>
  reason === 'length' || reason === 'content_filter' ? reason : 'stop';
