import { CloudWatchLogsClient, type FilteredLogEvent, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import type { ModelDeployment } from '#libs/config';
import type { InvocationLog } from '../../invocation-log.ts';
import type { TokenUsage } from '../../model-provider.ts';
import { UNSIGNED, isPlain, http1Handler } from './plain-endpoint.ts';

/** The service takes filter patterns of 1,024 characters; a call id makes about 80 of them. */
const CALLS_PER_PATTERN = 10;

const ANSWER_WITHIN_MS = 10_000;

const count = z.int().min(0).default(0);

const invocation = z.looseObject({
  schemaType: z.literal('ModelInvocationLog'),
  requestMetadata: z.looseObject({ moyai_call_id: z.string() }),
  input: z
    .looseObject({ inputTokenCount: count, cacheReadInputTokenCount: count, cacheWriteInputTokenCount: count })
    .prefault({}),
  output: z.looseObject({ outputTokenCount: count }).prefault({}),
});

/** Bedrock's model invocation log in CloudWatch Logs (docs/decisions/0012). */
export class CloudWatchInvocationLog implements InvocationLog {
  private readonly client: CloudWatchLogsClient;

  constructor(
    deployment: ModelDeployment,
    private readonly group: string,
  ) {
    this.client = createLogsClient(deployment);
  }

  async find(callIds: readonly string[], since: Date): Promise<ReadonlyMap<string, TokenUsage>> {
    const found = new Map<string, TokenUsage>();
    for (let at = 0; at < callIds.length; at += CALLS_PER_PATTERN) {
      const pages = paginateFilterLogEvents(
        { client: this.client },
        {
          logGroupName: this.group,
          startTime: since.getTime(),
          filterPattern: patternOf(callIds.slice(at, at + CALLS_PER_PATTERN)),
        },
      );
      for await (const { events = [] } of pages) for (const event of events) add(found, event);
    }
    return found;
  }
}

/**
 * Signs with what the SDK's own chain finds. A deployment's `https:` endpoint and its API key are Bedrock's alone; what
 * stands behind a plain endpoint speaks both protocols.
 */
function createLogsClient({ region, endpoint }: ModelDeployment): CloudWatchLogsClient {
  return new CloudWatchLogsClient({
    region,
    requestHandler: http1Handler(ANSWER_WITHIN_MS),
    ...(endpoint !== undefined && isPlain(endpoint) && { endpoint, ...UNSIGNED }),
  });
}

const patternOf = (callIds: readonly string[]): string =>
  `{ ${callIds.map((id) => `($.requestMetadata.moyai_call_id = "${id}")`).join(' || ')} }`;

/** An id that was logged twice was served twice: the provider charges for both. */
function add(found: Map<string, TokenUsage>, { message }: FilteredLogEvent): void {
  const { requestMetadata, input, output } = invocation.parse(JSON.parse(message ?? ''));
  const callId = requestMetadata.moyai_call_id;
  const before = found.get(callId);
  found.set(callId, {
    inputTokens: (before?.inputTokens ?? 0) + input.inputTokenCount,
    outputTokens: (before?.outputTokens ?? 0) + output.outputTokenCount,
    cacheReadTokens: (before?.cacheReadTokens ?? 0) + input.cacheReadInputTokenCount,
    cacheWriteTokens: (before?.cacheWriteTokens ?? 0) + input.cacheWriteInputTokenCount,
  });
}
