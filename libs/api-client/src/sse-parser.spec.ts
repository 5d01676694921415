import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SseParser } from './sse-parser.ts';

const STREAM =
  ': beat\n\nid: 7\nevent: delta\ndata: {"offset":0,\r\ndata: "text":"もやい"}\r\n\r\nevent: completed\rdata: {}\r\rdata\n\n';
const MESSAGES = [
  { event: 'delta', data: '{"offset":0,\n"text":"もやい"}', id: '7' },
  { event: 'completed', data: '{}', id: '7' },
  { event: 'message', data: '', id: '7' },
];

test('a stream gives the same messages wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const parser = new SseParser();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      const pieces = edges.slice(1).map((end, index) => STREAM.slice(edges[index], end));
      expect(pieces.flatMap((piece) => parser.push(piece))).toEqual(MESSAGES);
    }),
  );
});

test('an unfinished message is not given', () => {
  expect(new SseParser().push('event: delta\ndata: {"offset":0}\n')).toEqual([]);
});
