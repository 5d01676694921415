import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer-protocol.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const frame = (headers: Record<string, string>, body: object): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }])),
    body: fromUtf8(JSON.stringify(body)),
  });
const event = (type: string, body: object) => frame({ ':message-type': 'event', ':event-type': type }, body);
const delta = (text: string) => event('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
const stop = event('messageStop', { stopReason: 'end_turn' });

/** The bytes in pieces that end at `cuts`, as a network might bring them. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

async function heard(body: Iterable<Uint8Array>): Promise<{ text: string; events: string[]; failure?: unknown }> {
  let text = '';
  const events: string[] = [];
  try {
    for await (const said of readAnswer(body)) {
      events.push(...Object.keys(said));
      text += said.contentBlockDelta?.delta?.text ?? '';
    }
  } catch (failure) {
    return { text, events, failure };
  }
  return { text, events };
}

describe('an answer read from the wire', () => {
  it('is whole and in order, wherever the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat()), async (texts, cuts) => {
        const { text, events, failure } = await heard(pieces(Buffer.concat([...texts.map(delta), stop]), cuts));
        expect(failure).toBeUndefined();
        expect(text).toBe(texts.join(''));
        expect(events.at(-1)).toBe('messageStop');
      }),
    );
  });

  it('comes as one piece of text where it arrived as one', async () => {
    expect((await heard([Buffer.concat([delta('市'), delta('役所'), stop])])).events).toEqual([
      'contentBlockDelta',
      'messageStop',
    ]);
  });

  it("ends under the name of the service's exception, after all that was said before", async () => {
    const exception = { ':message-type': 'exception', ':exception-type': 'throttlingException' };
    const failed = await heard([Buffer.concat([delta('市役所'), frame(exception, { message: 'too many' })])]);
    expect(failed).toMatchObject({ text: '市役所', failure: { name: 'throttlingException' } });
    const error = frame({ ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'x' }, {});
    expect(await heard([error])).toMatchObject({ failure: { name: 'InternalFailure' } });
  });

  it.each([
    ['cut', Buffer.concat([delta('市役所'), stop.subarray(0, -3)])],
    ['spoilt', Buffer.concat([delta('市役所'), stop.with(stop.length - 6, 0)])],
    ['of an impossible length', Buffer.from('ffffffff00000000', 'hex')],
  ])('fails at a frame that is %s', async (_, bytes) => {
    expect((await heard([bytes])).failure).toBeInstanceOf(Error);
  });
});
