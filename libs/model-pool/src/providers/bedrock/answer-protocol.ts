import type { ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime';
import { AwsRestJsonProtocol } from '@aws-sdk/core/protocols';
import { EventStreamCodec, type Message } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';

const LENGTH_BYTES = 4;
/** AWS bounds a message of its event streams: what claims to be longer is none. */
const LARGEST_FRAME_BYTES = 24 << 20;

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/**
 * The SDK's protocol, but for how an answer is read: frame by frame through six iterators and a schema, a quarter of all
 * that a worker does. Here what the network brings in one piece is decoded at once.
 */
export class AnswerProtocol extends AwsRestJsonProtocol {
  protected override async deserializeEventStream({ response }: { response: { body?: AsyncIterable<Uint8Array> } }) {
    return readAnswer(response.body ?? []);
  }
}

/**
 * An answer's events; text that came in one piece is one of them.
 * @throws Error under the name of the service's exception; or for a frame that is cut or spoilt
 */
export async function* readAnswer(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ConverseStreamOutput, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const piece of body) {
    rest = Buffer.concat([rest, piece]);
    const events: ConverseStreamOutput[] = [];
    for (let length = lengthOf(rest); length <= rest.length; length = lengthOf(rest)) {
      const frame = codec.decode(rest.subarray(0, length));
      const fault = faultOf(frame);
      if (!fault) append(events, eventOf(frame));
      else {
        for (const event of events) yield event;
        throw fault;
      }
      rest = rest.subarray(length);
    }
    for (const event of events) yield event;
  }
  if (rest.length > 0) throw new Error('the stream ended within a frame');
}

/** Of the frame that `bytes` begin with; infinite as long as that is not known. */
function lengthOf(bytes: Buffer): number {
  if (bytes.length < LENGTH_BYTES) return Number.POSITIVE_INFINITY;
  const length = bytes.readUInt32BE(0);
  if (length > LARGEST_FRAME_BYTES) throw new Error('a frame is longer than any can be');
  return length;
}

const headerOf = ({ headers }: Message, name: string): string => String(headers[name]?.value);

function faultOf(frame: Message): Error | null {
  const kind = headerOf(frame, ':message-type');
  if (kind === 'event') return null;
  const fault = new Error(toUtf8(frame.body));
  fault.name = headerOf(frame, kind === 'exception' ? ':exception-type' : ':error-code');
  return fault;
}

const eventOf = (frame: Message): ConverseStreamOutput =>
  ({ [headerOf(frame, ':event-type')]: JSON.parse(toUtf8(frame.body) || '{}') }) as unknown as ConverseStreamOutput;

function append(events: ConverseStreamOutput[], event: ConverseStreamOutput): void {
  const before = events.at(-1)?.contentBlockDelta?.delta;
  const text = event.contentBlockDelta?.delta?.text;
  if (before?.text !== undefined && text !== undefined) before.text += text;
  else events.push(event);
}
