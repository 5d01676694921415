/** The same items; the next one is already being worked on while whoever asked is busy with the present one. */
export async function* ahead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item, void> {
  const items = source[Symbol.asyncIterator]();
  let next = begun(items);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = begun(items);
      yield value;
    }
  } finally {
    // What was begun and is nobody's any more ends here: nothing may be left running
    await next.catch(() => undefined);
    await items.return?.();
  }
}

/** A failure is met when its turn comes. */
function begun<Item>(items: AsyncIterator<Item>): Promise<IteratorResult<Item>> {
  const next = items.next();
  next.catch(() => undefined);
  return next;
}
