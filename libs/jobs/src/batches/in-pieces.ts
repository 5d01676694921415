/** What is worked on in one go: enough for speed, little enough for memory and for everybody else in the process. */
export const PIECE = { items: 500, characters: 200_000 } as const;

/** Groups what comes by how much text it is. A group is closed before it becomes too long; only an item too long by itself goes beyond. */
export async function* inPieces<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  charactersOf: (item: Item) => number,
): AsyncGenerator<Item[]> {
  let piece: Item[] = [];
  let characters = 0;
  for await (const item of items) {
    const more = charactersOf(item);
    if (piece.length === PIECE.items || (piece.length > 0 && characters + more > PIECE.characters)) {
      yield piece;
      piece = [];
      characters = 0;
    }
    piece.push(item);
    characters += more;
  }
  if (piece.length > 0) yield piece;
}

export const lengthOf = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + cell.length, 0);
