import type { DraftDocument } from './draft-document.ts';

/** What a line, a department or a model was before and is now. */
export interface Difference {
  readonly key: string;
  readonly label: string;
  readonly before: number;
  readonly now: number;
}

export interface InvoiceDifference {
  /** Yen before tax, by what the lines are for. */
  readonly lines: readonly Difference[];
  /** Yen with tax, by department. */
  readonly departments: readonly Difference[];
  /** All tokens, by model. */
  readonly tokens: readonly Difference[];
}

type Entry = readonly [key: string, label: string, amount: number];

const lineEntries = ({ lines }: DraftDocument): Entry[] =>
  lines.map(({ kind, model, amountJpy }) => [`${kind} ${model ?? ''}`.trim(), model ?? '', amountJpy]);
const departmentEntries = ({ allocations }: DraftDocument): Entry[] =>
  allocations.map(({ departmentId, departmentName, totalJpy }) => [departmentId ?? '', departmentName, totalJpy]);
const tokenEntries = ({ usage }: DraftDocument): Entry[] =>
  usage.map((use) => [
    use.model,
    use.model,
    use.inputTokens + use.outputTokens + use.cacheReadTokens + use.cacheWriteTokens,
  ]);

/** An invoice beside the one before it; without one, everything is new. */
export function differenceOf(before: DraftDocument | null, now: DraftDocument): InvoiceDifference {
  const compare = (entriesOf: (document: DraftDocument) => Entry[]) =>
    pairUp(before ? entriesOf(before) : [], entriesOf(now));
  return { lines: compare(lineEntries), departments: compare(departmentEntries), tokens: compare(tokenEntries) };
}

function pairUp(before: readonly Entry[], now: readonly Entry[]): Difference[] {
  const pairs = new Map<string, { key: string; label: string; before: number; now: number }>();
  const add = (side: 'before' | 'now', [key, label, amount]: Entry): void => {
    const pair = pairs.get(key) ?? { key, label, before: 0, now: 0 };
    pair[side] += amount;
    pairs.set(key, pair);
  };
  for (const entry of now) add('now', entry);
  for (const entry of before) add('before', entry);
  return [...pairs.values()];
}
