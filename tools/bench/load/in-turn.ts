/** Does `work` for each number below `count`, `atOnce` of them at a time. */
export async function inTurn<Result>(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, count - from) }, (_, offset) => from + offset);
    results.push(...(await Promise.all(indices.map(work))));
  }
  return results;
}
