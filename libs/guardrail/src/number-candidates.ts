import { isCorporateNumber } from '#libs/kernel';
import { type DigitGroup, type DigitScan, GAP, type Gap } from './digit-groups.ts';
import { isMyNumber } from './my-number.ts';

const LENGTH = 12;

/** Twelve digits that a reader would take as one thing: groups `first` to `last`, both included. */
export interface Candidate {
  readonly first: number;
  readonly last: number;
  readonly valid: boolean;
}

/**
 * Every run of twelve digits in the text that stands by itself, in order.
 * @param isLabelled whether the text right before an offset names what follows a 個人番号; asked only where a chain starts.
 */
export function findCandidates(scan: DigitScan, isLabelled: (offset: number) => boolean): Candidate[] {
  const found = new Map<number, Candidate>();
  for (const range of chainsOf(scan.groups)) {
    new Chain(scan, range, found).search(isLabelled);
    const touching = scan.groups.slice(range.first + 1, range.last + 1).some(({ gap }) => gap === GAP.TOUCH);
    // ①1234 may be a list marker and a number, or one number in two styles: read it both ways.
    if (!touching) continue;
    for (const part of chainsOf(scan.groups, range, GAP.TOUCH)) new Chain(scan, part, found).search(isLabelled);
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}

/** The digit values of a candidate. */
const digitsOf = (scan: DigitScan, { first }: { first: number }): number[] => {
  const { from } = scan.groups[first]!;
  return scan.digits.slice(from, from + LENGTH);
};

type Range = { readonly first: number; readonly last: number };

/** Stretches of groups with nothing but separators between them, long enough to matter. */
function* chainsOf(
  groups: readonly DigitGroup[],
  range: Range = { first: 0, last: groups.length - 1 },
  parts: Gap = GAP.HARD,
): Generator<Range> {
  let { first } = range;
  let total = 0;
  for (let i = first; i <= range.last + 1; i++) {
    const group = i <= range.last ? groups[i] : undefined;
    if (!group || group.gap === GAP.HARD || group.gap === parts) {
      if (total >= LENGTH) yield { first, last: i - 1 };
      first = i;
      total = 0;
    }
    total += group?.size ?? 0;
  }
}

class Chain {
  constructor(
    private readonly scan: DigitScan,
    private readonly range: Range,
    /** By first group: no two runs of twelve digits start at the same one. */
    private readonly found: Map<number, Candidate>,
  ) {}

  search(isLabelled: (offset: number) => boolean): void {
    this.takeLabelled(isLabelled);
    this.takeClusters();
    this.takeFours();
  }

  /** `個人番号 1234 5678 9018 2024`: what the label points at, wherever the chain goes on to. */
  private takeLabelled(isLabelled: (offset: number) => boolean): void {
    const { first, last: end } = this.range;
    let total = 0;
    let last = first;
    while (last <= end && total < LENGTH) total += this.group(last++).size;
    last--;
    if (total !== LENGTH || isBlank(digitsOf(this.scan, { first })) || !isLabelled(this.group(first).start)) return;
    if (this.isFree(first, last) && this.isTidy(first, last)) this.add(first, last);
  }

  /** At each distance: groups closer to each other than to anything else, twelve digits together. */
  private takeClusters(): void {
    for (let distance: number = GAP.NONE; distance < GAP.HARD; distance++) {
      let first = this.range.first;
      let total = 0;
      let loosest: Gap = GAP.NONE;
      for (let i = first; i <= this.range.last + 1; i++) {
        const gap = this.gapBefore(i);
        if (i > first && gap > distance) {
          if (total === LENGTH && loosest === distance) this.consider(first, i - 1);
          first = i;
          total = 0;
          loosest = GAP.NONE;
        } else if (i > first && gap > loosest) loosest = gap;
        if (i <= this.range.last) total += this.group(i).size;
      }
    }
  }

  /** `1 1234 5678 9018 34`: the printed form, 4-4-4, among the other columns of a row. */
  private takeFours(): void {
    const { last: end } = this.range;
    let { first } = this.range;
    while (first < end) {
      if (this.group(first).size !== 4) {
        first++;
        continue;
      }
      const gap = this.gapBefore(first + 1);
      let next = first + 1;
      while (next <= end && this.group(next).size === 4 && this.gapBefore(next) === gap) next++;
      if (gap >= GAP.SPACE && this.isFree(first, next - 1)) this.takeRow(first, next);
      // A run that ended at a different gap may be the start of the next one.
      first = next - first > 1 && next <= end && this.group(next).size === 4 ? next - 1 : next;
    }
  }

  /**
   * Three fours a space apart are one number; in cells of their own they are columns of a table. Of six or more, nearly
   * every three must be valid for them to be numbers side by side. Four or five are a card number or a table.
   */
  private takeRow(first: number, end: number): void {
    const count = end - first;
    if (count === 3 && this.gapBefore(first + 1) === GAP.SPACE) this.consider(first, end - 1);
    if (count < 6) return;
    for (let start = first; start < first + 3; start++) {
      const triples = Array.from({ length: Math.floor((end - start) / 3) }, (_, i) => start + 3 * i);
      const valid = triples.filter((at) => this.isValid(at));
      if (valid.length >= 2 && valid.length >= 0.75 * triples.length) valid.forEach((at) => this.consider(at, at + 2));
    }
  }

  private consider(first: number, last: number): void {
    if (this.isValid(first) && this.isPlausible(first, last) && !this.isCorporate(first, last)) this.add(first, last);
  }

  private add(first: number, last: number): void {
    if (!this.found.has(first)) this.found.set(first, { first, last, valid: this.isValid(first) });
  }

  private isValid(first: number): boolean {
    return isMyNumber(digitsOf(this.scan, { first }));
  }

  /** Nothing outside is closer to the groups than they are to each other. */
  private isFree(first: number, last: number): boolean {
    const inner = this.loosest(first, last);
    return this.gapBefore(first) >= inner && this.gapBefore(last + 1) >= inner;
  }

  /** Could be one number in somebody's hand, rather than neighbours that happen to make twelve digits. */
  private isPlausible(first: number, last: number): boolean {
    const sizes = this.sizes(first, last);
    if (sizes.length === 1) return true;
    if (this.isDate(first, sizes)) return false;
    if (isEven(sizes)) return !this.isMarked(first, last) || sizes[0] === 4 || sizes[0] === 1;
    if (this.isMarked(first, last)) return false;
    if (this.loosest(first, last) <= GAP.WIDE || sizes.length === 2) return true;
    // `1234-56` at a line's end and `78-9018` on the next: even again once the line break is thought away.
    const unwrapped = this.sizes(first, last, this.loosest(first, last));
    return unwrapped.length > 1 && isEven(unwrapped);
  }

  /** A label before it makes any single style plausible, whatever the check digit says. */
  private isTidy(first: number, last: number): boolean {
    const sizes = this.sizes(first, last);
    if (isEven(sizes)) return true;
    if (this.isMarked(first, last) || this.isDate(first, sizes)) return false;
    return sizes.length === 2 || this.isValid(first) || this.loosest(first, last) === this.tightest(first, last);
  }

  /** Three years, or a date with a time or a serial behind it: `2026-11-21 1530`, `20261121-0001`, `2026-00000123`. */
  private isDate(first: number, sizes: readonly number[]): boolean {
    const shape = sizes.join('-');
    const value = (from: number, size: number) => Number(this.scan.digits.slice(from, from + size).join(''));
    const isYear = (from: number) => value(from, 4) >= 1900 && value(from, 4) < 2100;
    const { from } = this.group(first);
    if (shape === '4-4-4') return isYear(from) && isYear(from + 4) && isYear(from + 8);
    if (shape === '4-8') return isYear(from);
    const isDay = isYear(from) && value(from + 4, 2) <= 12 && value(from + 6, 2) <= 31;
    return isDay && (shape === '4-2-2-4' || shape === '8-4' || shape === '8-2-2' || shape === '4-2-2-2-2');
  }

  /** `7-0000-1205-0002` written apart: one more digit in front makes it a 法人番号. */
  private isCorporate(first: number, last: number): boolean {
    if (first === this.range.first || this.group(first - 1).size !== 1) return false;
    const gap = this.gapBefore(first);
    if (gap === GAP.TOUCH || gap > Math.max(GAP.JOINT, this.loosest(first, last))) return false;
    const { from } = this.group(first - 1);
    return isCorporateNumber(this.scan.digits.slice(from, from + LENGTH + 1));
  }

  private group(index: number): DigitGroup {
    return this.scan.groups[index]!;
  }

  private gapBefore(index: number): Gap {
    return index <= this.range.first || index > this.range.last ? GAP.HARD : this.group(index).gap;
  }

  private inner(first: number, last: number): readonly DigitGroup[] {
    return this.scan.groups.slice(first + 1, last + 1);
  }

  private loosest(first: number, last: number): number {
    return this.inner(first, last).reduce((gap: number, group) => Math.max(gap, group.gap), GAP.NONE);
  }

  private tightest(first: number, last: number): number {
    return this.inner(first, last).reduce((gap: number, group) => Math.min(gap, group.gap), GAP.HARD);
  }

  private isMarked(first: number, last: number): boolean {
    return this.inner(first, last).some((group) => group.marked);
  }

  /** How many digits stand together, group by group, as if gaps of the distance `ignored` were not there. */
  private sizes(first: number, last: number, ignored: number = GAP.TOUCH): number[] {
    const sizes = [this.group(first).size];
    for (const { size, gap } of this.inner(first, last)) {
      if (gap === GAP.TOUCH || gap === ignored) sizes.push(sizes.pop()! + size);
      else sizes.push(size);
    }
    return sizes;
  }
}

const isEven = (sizes: readonly number[]): boolean => sizes.every((size) => size === sizes[0]);

/** Twelve zeros: what a form prints where the number goes. */
const isBlank = (digits: readonly number[]): boolean => digits.every((digit) => digit === 0);
