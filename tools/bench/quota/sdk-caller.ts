import { BedrockRuntimeClient, ConverseCommand, ThrottlingException } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { burnOf, type Call, type Kept, MODEL, REGIONS, type Regions } from './regions.ts';

/** What a program of one's own does: the AWS SDK, a client a region, each call to the next region in turn. */
export class SdkCaller implements Disposable {
  private readonly clients: readonly BedrockRuntimeClient[];
  private turn = 0;

  constructor(regions: Regions, retry: { readonly maxAttempts: number; readonly retryMode: 'standard' | 'adaptive' }) {
    this.clients = REGIONS.map(
      (region) =>
        new BedrockRuntimeClient({
          region,
          endpoint: regions.endpointOf(region),
          ...retry,
          token: { token: 'bench' },
          authSchemePreference: ['httpBearerAuth'],
          requestHandler: new NodeHttpHandler({
            httpAgent: { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY },
          }),
        }),
    );
  }

  /** @returns null when the SDK gave up because the provider throttles */
  async call({ prompt, maxTokens }: Call): Promise<Kept | null> {
    const client = this.clients[(this.turn += 1) % this.clients.length]!;
    try {
      const { usage } = await client.send(
        new ConverseCommand({
          modelId: MODEL,
          messages: [{ role: 'user', content: [{ text: prompt }] }],
          inferenceConfig: { maxTokens },
        }),
      );
      return { endedAt: performance.now(), quotaTokens: burnOf(usage!.inputTokens!, usage!.outputTokens!) };
    } catch (error) {
      if (error instanceof ThrottlingException) return null;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.destroy();
  }
}
