import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { composeAnswer } from './answers/compose-answer.ts';
import type { BehaviourControl, Traits } from './behaviour.ts';
import type { Answer, CallRequest, Dialect, Refusal } from './dialects/dialect.ts';
import { FrameSender } from './frame-sender.ts';
import type { Ledger } from './ledger.ts';
import { countInputTokens, tokenize } from './tokenizer.ts';

/** What a model gives when it is not told a limit. */
const MAX_TOKENS_UNLESS_TOLD = 4_096;

/** Answers model calls of every protocol, and writes each into the ledger. */
export class CallServer {
  constructor(
    private readonly control: BehaviourControl,
    private readonly ledger: Ledger,
  ) {}

  /** Serves one call to its end: answered, refused, cut as the behaviour demands, or left by its client. */
  async serve(dialect: Dialect, call: CallRequest, response: ServerResponse): Promise<void> {
    const requestId = randomUUID();
    const traits = this.control.traitsOf(call.modelId);
    const { callId, modelId, maxTokens } = call;
    const inputTokens = countInputTokens(call.prompt);
    const entry = this.ledger.begin({ callId, requestId, protocol: dialect.protocol, modelId, maxTokens, inputTokens });
    response.setHeader(dialect.requestIdHeader, requestId);
    if (this.control.throttles(traits)) {
      this.ledger.finish(entry, 'throttled');
      return refuse(response, dialect.throttled());
    }
    const answer = generate(requestId, call, inputTokens, traits);
    const sender = new FrameSender(response, this.control, traits);
    if (!(await sender.beforeFirstToken())) return this.ledger.finish(entry, 'aborted');
    if (!call.streamed) {
      // In one piece there are no frames: any fault told for a frame cuts the connection instead.
      await sender.pause(traits.tokenDelayMs * answer.outputTokens);
      entry.outputTokens = answer.outputTokens;
      if (response.destroyed) return this.ledger.finish(entry, 'aborted');
      if ([traits.cutAtFrame, traits.cutMidFrame, traits.errorAtFrame].some((at) => at !== null)) {
        response.destroy();
        return this.ledger.finish(entry, 'cut');
      }
      sendJson(response, 200, dialect.whole(answer, !traits.omitUsage));
      return this.ledger.finish(entry, 'completed');
    }
    response.writeHead(200, { 'content-type': dialect.streamType, 'cache-control': 'no-cache' });
    const usageTimes = traits.omitUsage || !call.usageWanted ? 0 : traits.repeatUsage ? 2 : 1;
    const frames = dialect.frames(answer, usageTimes);
    const ending = await sender.send(frames, dialect.errorFrame(), (tokens) => (entry.outputTokens += tokens));
    this.ledger.finish(entry, ending);
  }
}

function generate(requestId: string, call: CallRequest, inputTokens: number, traits: Traits): Answer {
  const limit = call.maxTokens ?? MAX_TOKENS_UNLESS_TOLD;
  const whole = tokenize(composeAnswer(call.prompt));
  const pieces = whole.slice(0, limit);
  const deltas: Answer['deltas'][number][] = [];
  for (let at = 0; at < pieces.length; at += traits.tokensPerDelta) {
    const group = pieces.slice(at, at + traits.tokensPerDelta);
    deltas.push({ text: group.join(''), tokens: group.length });
  }
  return {
    requestId,
    modelId: call.modelId,
    deltas,
    finish: whole.length > limit ? 'length' : 'stop',
    inputTokens,
    outputTokens: pieces.length,
    latencyMs: Math.round(traits.firstTokenDelayMs + traits.tokenDelayMs * pieces.length),
  };
}

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
