import {
  type BedrockRuntimeClient,
  ConverseStreamCommand,
  type ConverseStreamCommandInput,
  type ConverseStreamOutput,
  type StopReason,
} from '@aws-sdk/client-bedrock-runtime';
import type { ModelDeployment } from '#libs/config';
import type { FinishReason, ModelEvent, ModelProvider, ModelRequest } from '../../model-provider.ts';
import { createBedrockClient } from './bedrock-client.ts';
import { toBedrockFault } from './bedrock-faults.ts';
import { toConverseTurns } from './converse-turns.ts';

/** Amazon Bedrock through ConverseStream. */
export class BedrockProvider implements ModelProvider {
  private readonly client: BedrockRuntimeClient;

  constructor(deployment: ModelDeployment) {
    this.client = createBedrockClient(deployment);
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    let opened = false;
    try {
      const { stream } = await this.client.send(new ConverseStreamCommand(toInput(request)), { abortSignal: signal });
      for await (const frame of stream ?? []) {
        opened = true;
        const event = toEvent(frame);
        if (event) yield event;
      }
    } catch (cause) {
      throw toBedrockFault(cause, opened);
    }
  }
}

function toInput(request: ModelRequest): ConverseStreamCommandInput {
  const { callId, deployment, system = [], messages, maxTokens, stop = [] } = request;
  const texts = system.filter((text) => text.trim() !== '');
  return {
    modelId: deployment.providerModelId,
    ...(texts.length > 0 && { system: texts.map((text) => ({ text })) }),
    messages: toConverseTurns(messages),
    inferenceConfig: { maxTokens, ...(stop.length > 0 && { stopSequences: [...stop] }) },
    requestMetadata: { moyai_call_id: callId },
  };
}

/** The event a frame means to us; frames that only mark structure mean none. A count that is left out is NaN. */
function toEvent({ contentBlockDelta, messageStop, metadata }: ConverseStreamOutput): ModelEvent | undefined {
  if (contentBlockDelta?.delta?.text) return { type: 'text', text: contentBlockDelta.delta.text };
  if (messageStop) return { type: 'finish', reason: toFinishReason(messageStop.stopReason) };
  if (!metadata?.usage) return undefined;
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = metadata.usage;
  return {
    type: 'usage',
    usage: {
      inputTokens: inputTokens ?? NaN,
      outputTokens: outputTokens ?? NaN,
      cacheReadTokens: cacheReadInputTokens ?? 0,
      cacheWriteTokens: cacheWriteInputTokens ?? 0,
    },
  };
}

const FINISH_REASONS: Partial<Record<StopReason, FinishReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

const toFinishReason = (reason: StopReason | undefined): FinishReason => (reason && FINISH_REASONS[reason]) ?? 'stop';
