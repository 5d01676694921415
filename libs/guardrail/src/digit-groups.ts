import {
  IGNORED,
  JOINT,
  LINE_BREAK,
  MARK,
  OTHER,
  PART_BREAK,
  SPACE,
  TAB,
  digitCount,
  isDigit,
  isOrnate,
  kindOf,
  pushDigits,
} from './digit-characters.ts';

/**
 * How far apart two groups of digits stand, tightest first. The order is what a reader sees: a hyphen binds closer than a
 * space, a space closer than a comma, a comma closer than a line end. HARD is any other character: two different things.
 */
export const GAP = { NONE: 0, TOUCH: 1, JOINT: 2, SPACE: 3, WIDE: 4, MARK: 5, LINE: 6, PART: 7, HARD: 8 } as const;
export type Gap = (typeof GAP)[keyof typeof GAP];

/** Digits with nothing visible between them. Offsets are UTF-16 units of the text as it was given. */
export interface DigitGroup {
  readonly start: number;
  readonly end: number;
  /** Index of the group's first value in {@link DigitScan.digits}. */
  readonly from: number;
  readonly size: number;
  /** Distance from the group before it. */
  readonly gap: Gap;
  /** A comma, full stop, slash or the like stands in that gap. */
  readonly marked: boolean;
}

export interface DigitScan {
  readonly digits: readonly number[];
  readonly groups: readonly DigitGroup[];
}

/** True when the text holds at least `count` digits in any script: the quick way past nearly every prompt. */
export function hasDigits(text: string, count: number): boolean {
  let found = 0;
  for (let at = 0; at < text.length; at++) {
    const code = codeAt(text, at);
    if (code > 0xffff) at++;
    const kind = kindOf(code);
    if (isDigit(kind) && (found += digitCount(code, kind)) >= count) return true;
  }
  return false;
}

/** Reads every group of digits in one pass, in time linear in the text. */
export function scanDigits(text: string): DigitScan {
  const digits: number[] = [];
  const groups: DigitGroup[] = [];
  let open: { start: number; end: number; from: number; ornate: boolean; gap: Gap; marked: boolean } | undefined;
  const between = new Between();
  const close = () => {
    if (open) groups.push({ ...group(open), size: digits.length - open.from });
    open = undefined;
  };

  for (let at = 0; at < text.length;) {
    const code = codeAt(text, at);
    const width = code > 0xffff ? 2 : 1;
    const kind = kindOf(code);
    if (isDigit(kind)) {
      const ornate = isOrnate(kind);
      if (!open || open.ornate !== ornate) {
        const gap: Gap = open ? GAP.TOUCH : between.gap();
        const { marked } = between;
        close();
        open = { start: at, end: at, from: digits.length, ornate, gap, marked };
        between.clear();
      }
      pushDigits(digits, code, kind);
      open.end = at + width;
    } else if (kind !== IGNORED) {
      close();
      between.add(kind);
    }
    at += width;
  }
  close();
  return { digits, groups };
}

/** The code point at an offset; an unpaired surrogate is itself. `codePointAt` alone is three times slower here. */
function codeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return (unit & 0xfc00) === 0xd800 ? text.codePointAt(at)! : unit;
}

const group = ({ start, end, from, gap, marked }: Omit<DigitGroup, 'size'>) => ({ start, end, from, gap, marked });

/** Sums up the separators met since the last digit. */
class Between {
  private hard = true;
  private spaces = 0;
  private joints = 0;
  private part = false;
  private line = false;
  private marks = 0;

  get marked(): boolean {
    return this.marks > 0;
  }

  add(kind: number): void {
    if (kind === OTHER) this.hard = true;
    else if (kind === SPACE) this.spaces++;
    else if (kind === TAB) this.spaces += 2;
    else if (kind === JOINT) this.joints++;
    else if (kind === MARK) this.marks++;
    else if (kind === LINE_BREAK) this.line = true;
    else if (kind === PART_BREAK) this.part = true;
  }

  gap(): Gap {
    if (this.hard) return GAP.HARD;
    if (this.part) return GAP.PART;
    if (this.line) return GAP.LINE;
    if (this.marks > 0) return GAP.MARK;
    if (this.spaces > 1) return this.joints > 0 ? GAP.SPACE : GAP.WIDE;
    return this.spaces === 1 ? GAP.SPACE : GAP.JOINT;
  }

  clear(): void {
    this.hard = false;
    this.spaces = this.joints = this.marks = 0;
    this.part = this.line = false;
  }
}
