import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PIECE, inPieces } from './in-pieces.ts';

async function piecesOf(lengths: readonly number[]): Promise<number[][]> {
  const pieces: number[][] = [];
  for await (const piece of inPieces(lengths, (length) => length)) pieces.push(piece);
  return pieces;
}

it('everything comes once and in order, and no piece is longer than it may be but for one item', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 2 * PIECE.characters })), async (lengths) => {
      const pieces = await piecesOf(lengths);
      expect(pieces.flat()).toEqual(lengths);
      for (const piece of pieces) {
        const total = piece.reduce((sum, length) => sum + length, 0);
        expect(piece.length === 1 || total <= PIECE.characters).toBe(true);
      }
    }),
  ));

it('items of little or no text are grouped by their number', async () => {
  const pieces = await piecesOf(Array.from({ length: 2 * PIECE.items + 1 }, () => 0));
  expect(pieces.map(({ length }) => length)).toEqual([PIECE.items, PIECE.items, 1]);
});
