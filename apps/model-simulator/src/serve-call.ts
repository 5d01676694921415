import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { composeAnswer } from './answers/compose-answer.ts';
import type { BehaviourControl, Traits } from './behaviour.ts';
import type { Answer, CallRequest, Dialect, Refusal } from './dialects/dialect.ts';
import { type Ending, FrameSender } from './frame-sender.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { QuotaBook } from './quota/quota-book.ts';
import { countInputTokens, tokenize } from './tokenizer.ts';

/** What a model gives when it is not told a limit. */
const MAX_TOKENS_UNLESS_TOLD = 4_096;
/** What such a call takes of the quota: the model's maximum. */
const MODEL_MAX_OUTPUT_TOKENS = 64_000;
/** In both protocols: a start, the ends of text and message, and usage. */
const FRAMES_BESIDE_DELTAS = 4;

/** Answers model calls of every protocol, and writes each into the ledger. */
export class CallServer {
  constructor(
    private readonly control: BehaviourControl,
    private readonly quotas: QuotaBook,
    private readonly ledger: Ledger,
  ) {}

  /** Serves one call to its end: answered, refused, cut as the behaviour demands, or left by its client. */
  async serve(dialect: Dialect, region: string, call: CallRequest, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const { protocol } = dialect;
    const { callId, modelId, maxTokens, streamed } = call;
    const traits = this.control.traitsOf(region, modelId);
    const sentTokens = countInputTokens(call.prompt);
    const input = divide(sentTokens, traits, dialect);
    const entry = this.ledger.begin({ callId, requestId, protocol, region, modelId, streamed, maxTokens, ...input });
    response.setHeader(dialect.requestIdHeader, requestId);
    const status = this.control.fails(traits);
    if (status) {
      this.ledger.finish(entry, 'failed');
      return refuse(response, dialect.failed(status));
    }
    const settle = this.takeQuota(region, call, sentTokens, traits);
    if (!settle) {
      this.ledger.finish(entry, 'throttled');
      return refuse(response, dialect.throttled());
    }
    const ending = await this.answer(dialect, call, entry, response, traits);
    this.ledger.finish(entry, ending);
    settle(entry);
  }

  /** What settles the quota when the call ends; undefined when it is throttled, by its quota or by a fault. */
  private takeQuota(region: string, call: CallRequest, sentTokens: number, traits: Traits) {
    const meter = this.quotas.meterOf(region, call.modelId);
    if (!this.control.throttles(traits)) return meter.take(sentTokens + (call.maxTokens ?? MODEL_MAX_OUTPUT_TOKENS));
    return meter.refuse();
  }

  private async answer(
    dialect: Dialect,
    call: CallRequest,
    entry: LedgerEntry,
    response: ServerResponse,
    modelTraits: Traits,
  ): Promise<Ending> {
    const answer = generate(call, entry, modelTraits);
    const traits = this.control.decide(modelTraits, answer.deltas.length + FRAMES_BESIDE_DELTAS);
    const sender = new FrameSender(response, this.control, traits);
    if (!(await sender.beforeFirstToken())) return 'aborted';
    if (!call.streamed) {
      // In one piece there are no frames: any fault told for a frame cuts the connection instead.
      await sender.pause(traits.tokenDelayMs * answer.outputTokens);
      entry.outputTokens = answer.outputTokens;
      if (response.destroyed) return 'aborted';
      if ([traits.cutAtFrame, traits.cutMidFrame, traits.errorAtFrame].some((at) => at !== null)) {
        response.destroy();
        return 'cut';
      }
      sendJson(response, 200, dialect.whole(answer, !traits.omitUsage));
      return 'completed';
    }
    response.writeHead(200, { 'content-type': dialect.streamType, 'cache-control': 'no-cache' });
    const usageTimes = traits.omitUsage || !call.usageWanted ? 0 : traits.repeatUsage ? 2 : 1;
    const frames = dialect.frames(answer, usageTimes);
    return sender.send(frames, dialect.errorFrame(traits.errorStatus), (tokens) => (entry.outputTokens += tokens));
  }
}

/** The input by its kinds, as a prompt cache would have divided it. */
function divide(sentTokens: number, { cacheReadShare, cacheWriteShare }: Traits, { tellsCacheWrites }: Dialect) {
  const cacheReadTokens = Math.floor(sentTokens * cacheReadShare);
  const unread = sentTokens - cacheReadTokens;
  const cacheWriteTokens = tellsCacheWrites ? Math.floor(unread * cacheWriteShare) : 0;
  return { inputTokens: unread - cacheWriteTokens, cacheReadTokens, cacheWriteTokens };
}

function generate(call: CallRequest, entry: LedgerEntry, traits: Traits): Answer {
  const { requestId, inputTokens, cacheReadTokens, cacheWriteTokens } = entry;
  const limit = call.maxTokens ?? MAX_TOKENS_UNLESS_TOLD;
  const text = composeAnswer(call.prompt);
  const end = endOf(text, call.stop);
  const whole = tokenize(text.slice(0, end));
  const { filterAtToken } = traits;
  const isFiltered = filterAtToken !== null && filterAtToken < Math.min(whole.length, limit);
  const pieces = whole.slice(0, isFiltered ? filterAtToken : limit);
  const deltas: Answer['deltas'][number][] = [];
  for (let at = 0; at < pieces.length; at += traits.tokensPerDelta) {
    const group = pieces.slice(at, at + traits.tokensPerDelta);
    deltas.push({ text: group.join(''), tokens: group.length });
  }
  return {
    requestId,
    modelId: call.modelId,
    deltas,
    finish: isFiltered
      ? 'content_filter'
      : whole.length > limit
        ? 'length'
        : end < text.length
          ? 'stop_sequence'
          : 'stop',
    inputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: pieces.length,
    latencyMs: Math.round(traits.firstTokenDelayMs + traits.tokenDelayMs * pieces.length),
  };
}

/** Where the first of the texts that end an answer begins. */
const endOf = (answer: string, stop: readonly string[]): number =>
  Math.min(answer.length, ...stop.map((text) => answer.indexOf(text)).filter((at) => at >= 0));

/** Sends a protocol's error. */
export function refuse(response: ServerResponse, { status, headers, body }: Refusal): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendJson(response, status, body);
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
