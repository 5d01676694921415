import { BedrockRuntimeClient, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Question } from './city-client.ts';

/** The model service without the product: what a program of one's own would do with the SDK. */
export class DirectModel implements Disposable {
  private readonly client: BedrockRuntimeClient;

  constructor(endpoint: string) {
    this.client = new BedrockRuntimeClient({
      region: 'ap-northeast-1',
      endpoint,
      maxAttempts: 1,
      token: { token: 'bench' },
      authSchemePreference: ['httpBearerAuth'],
      requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY } }),
    });
  }

  /**
   * Asks and reads to the end.
   * @returns milliseconds until the first text
   */
  async ask(question: Question): Promise<number> {
    const sentAt = performance.now();
    let firstTokenMs: number | undefined;
    await this.follow(question, () => (firstTokenMs ??= performance.now() - sentAt));
    if (firstTokenMs === undefined) throw new Error('the model said nothing');
    return firstTokenMs;
  }

  /** Asks and tells of each piece of text, until the answer ends or `signal` ends it. */
  async follow({ prompt, maxTokens }: Question, onText: () => void, signal?: AbortSignal): Promise<void> {
    const command = new ConverseStreamCommand({
      modelId: 'jp.anthropic.claude-sonnet-4-6',
      messages: [{ role: 'user', content: [{ text: prompt }] }],
      inferenceConfig: { maxTokens },
    });
    const { stream } = await this.client.send(command, signal && { abortSignal: signal });
    for await (const event of stream ?? []) {
      if (event.contentBlockDelta) onText();
    }
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }
}
