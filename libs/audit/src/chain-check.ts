import { type StoredEntry, entryHash, genesisHash } from './entry-hash.ts';

/**
 * What can be wrong with a chain:
 * - `edited`: an entry does not give its own hash
 * - `removed`: entries are missing between two others, or before the head
 * - `reordered`: an entry stands where another was, or was put in
 * - `relinked`: an entry is whole, but does not follow the one before it
 * - `head_mismatch`: the last entry is not the one the head names
 * - `head_missing`: entries without a head
 * - `rewritten`: whole in itself, but not what was anchored (the chain was made anew from some entry on)
 * - `truncated`: the chain ends before what was anchored
 */
export type ChainFaultKind =
  'edited' | 'removed' | 'reordered' | 'relinked' | 'head_mismatch' | 'head_missing' | 'rewritten' | 'truncated';

export interface ChainFault {
  readonly kind: ChainFaultKind;
  /** First entry concerned. */
  readonly sequence: number;
  /** Last entry concerned, where more than one is. */
  readonly through?: number;
}

export interface ChainHead {
  readonly sequence: number;
  readonly hash: Buffer;
}

/** Follows one chain entry by entry and says where it breaks. Keeps nothing but the entry before. */
export class ChainCheck {
  private last: ChainHead;

  constructor(tenantId: string) {
    this.last = { sequence: 0, hash: genesisHash(tenantId) };
  }

  /** Position of the last entry followed. */
  get sequence(): number {
    return this.last.sequence;
  }

  /** Takes the entries in ascending order of sequence. */
  follow(entry: StoredEntry): ChainFault[] {
    const { sequence } = entry;
    const expected = this.last.sequence + 1;
    const linked = entry.previousHash.equals(this.last.hash);
    const whole = entry.hash.equals(entryHash(entry));
    const faults: ChainFault[] = [];
    if (sequence > expected) faults.push({ kind: 'removed', sequence: expected, through: sequence - 1 });
    // Behind a gap the link cannot hold and says nothing more.
    const misplaced = !linked && sequence === expected;
    if (!whole) faults.push({ kind: misplaced ? 'reordered' : 'edited', sequence });
    else if (misplaced) faults.push({ kind: 'relinked', sequence });
    this.last = { sequence, hash: entry.hash };
    return faults;
  }

  /** Compares where the entries ended with where the head says the chain ends. */
  finish(head: ChainHead | undefined): ChainFault[] {
    const { sequence, hash } = this.last;
    if (!head) return sequence === 0 ? [] : [{ kind: 'head_missing', sequence }];
    if (head.sequence > sequence) return [{ kind: 'removed', sequence: sequence + 1, through: head.sequence }];
    if (head.sequence < sequence || !head.hash.equals(hash))
      return [{ kind: 'head_mismatch', sequence: head.sequence }];
    return [];
  }
}
