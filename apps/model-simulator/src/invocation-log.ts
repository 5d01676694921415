import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { InvalidRequest } from './dialects/dialect.ts';
import { type Ledger, type LedgerEntry, neverBegan } from './ledger.ts';
import { readJson } from './read-json.ts';
import { sendJson } from './serve-call.ts';

/** The one log group there is, as an operator would have named it when switching invocation logging on. */
export const INVOCATION_LOG_GROUP = '/bedrock/model-invocations';

const OPERATION = 'Logs_20140328.FilterLogEvents';
const LOG_STREAM = 'aws/bedrock/modelinvocations';
const ACCOUNT = '000000000000';
const MOST_EVENTS = 10_000;

const input = z.looseObject({
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  startTime: z.int().min(0).default(0),
  endTime: z.int().min(0).default(Number.MAX_SAFE_INTEGER),
  filterPattern: z.string().max(1_024).default(''),
  limit: z.int().min(1).max(MOST_EVENTS).default(MOST_EVENTS),
  nextToken: z
    .string()
    .regex(/^[0-9]+$/)
    .optional(),
});

const EQUALS_CALL_ID = /^\$\.requestMetadata\.moyai_call_id\s*=\s*"([^"]*)"$/;

/**
 * Bedrock's model invocation log as CloudWatch Logs hands it out (FilterLogEvents, AWS JSON 1.1). An event appears when its
 * call has ended, and has no content, as the log of a city's service must be set up. Throttled calls were never invoked.
 */
export class InvocationLog {
  constructor(private readonly ledger: Ledger) {}

  speaks(request: IncomingMessage): boolean {
    return request.headers['x-amz-target'] === OPERATION;
  }

  /** Serves one page of a region's log, in the order in which calls ended. */
  async serve(region: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = input.safeParse(await readJson(request));
    if (!parsed.success) return refuse(response, 'InvalidParameterException', z.prettifyError(parsed.error));
    const { logGroupName, logGroupIdentifier, startTime, endTime, filterPattern, limit, nextToken } = parsed.data;
    if ((logGroupName ?? logGroupIdentifier) !== INVOCATION_LOG_GROUP)
      return refuse(response, 'ResourceNotFoundException', 'The specified log group does not exist.');
    let wanted: ReadonlySet<string> | undefined;
    try {
      wanted = readPattern(filterPattern);
    } catch {
      return refuse(response, 'InvalidParameterException', 'Invalid filter pattern');
    }
    const found = this.ledger
      .list()
      .filter((entry) => isLogged(entry) && entry.region === region)
      .filter(({ callId }) => !wanted || (callId !== null && wanted.has(callId)))
      .filter(({ finishedAt }) => finishedAt !== null && within(Date.parse(finishedAt), startTime, endTime))
      .toSorted((one, other) => (one.finishedAt ?? '').localeCompare(other.finishedAt ?? ''));
    const from = Number(nextToken ?? 0);
    const more = found.length > from + limit;
    sendJson(response, 200, {
      events: found.slice(from, from + limit).map(toEvent),
      searchedLogStreams: [],
      ...(more && { nextToken: String(from + limit) }),
    });
  }
}

const within = (time: number, start: number, end: number): boolean => time >= start && time <= end;

const isLogged = ({ protocol, state }: LedgerEntry): boolean =>
  protocol === 'bedrock' && state !== 'running' && !neverBegan(state);

/**
 * The call ids that a filter pattern asks for, or undefined for every call. Of the service's pattern language it knows what
 * finding calls needs: { $.requestMetadata.moyai_call_id = "a" || ($.requestMetadata.moyai_call_id = "b") }.
 * @throws InvalidRequest for any other pattern: an event that seems absent would be taken for a call that never was.
 */
function readPattern(pattern: string): ReadonlySet<string> | undefined {
  if (pattern.trim() === '') return undefined;
  const inside = /^\{(.*)\}$/su.exec(pattern.trim())?.[1] ?? '';
  return new Set(
    inside.split('||').map((part) => {
      const clause = part.trim().replace(/^\((.*)\)$/u, '$1');
      const callId = EQUALS_CALL_ID.exec(clause.trim())?.[1];
      if (callId === undefined) throw new InvalidRequest('Invalid filter pattern');
      return callId;
    }),
  );
}

function toEvent(entry: LedgerEntry): object {
  const time = Date.parse(entry.finishedAt ?? entry.startedAt);
  return {
    eventId: entry.requestId,
    logStreamName: LOG_STREAM,
    timestamp: time,
    ingestionTime: time,
    message: JSON.stringify({
      schemaType: 'ModelInvocationLog',
      schemaVersion: '1.0',
      timestamp: entry.startedAt,
      accountId: ACCOUNT,
      identity: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/simulated` },
      region: entry.region,
      requestId: entry.requestId,
      operation: entry.streamed ? 'ConverseStream' : 'Converse',
      modelId: entry.modelId,
      input: {
        inputContentType: 'application/json',
        inputTokenCount: entry.inputTokens,
        cacheReadInputTokenCount: entry.cacheReadTokens,
        cacheWriteInputTokenCount: entry.cacheWriteTokens,
      },
      output: { outputContentType: 'application/json', outputTokenCount: entry.outputTokens },
      ...(entry.callId !== null && { requestMetadata: { moyai_call_id: entry.callId } }),
    }),
  };
}

/** An error of the AWS JSON 1.1 protocol. */
function refuse(response: ServerResponse, type: string, message: string): void {
  response.setHeader('x-amzn-ErrorType', type);
  sendJson(response, 400, { __type: type, message });
}
