import { DomainError, type FieldFault, type Segment } from '#libs/kernel';
import { FOUND } from './guard-prompt.ts';
import { maskFinding } from './mask-finding.ts';
import { NumberGuard } from './number-guard.ts';

/** A whole register in a file can hold tens of thousands; people need to find the columns, not to read them all. */
const FAULTS_SHOWN = 200;

/** One cell of a table, or one prompt made of a row. */
export interface TableText {
  readonly pointer: string;
  /** Where it is, for people: `3行目「備考」列`. */
  readonly place: string;
  /** The name of its column, which says what its digits are as words before them do in a text. */
  readonly heading: string;
  readonly text: string;
}

/** Looks for 個人番号 in many cells, each judged alone; outside the My Number segment any finding refuses them all. */
export class CellGuard {
  private readonly faults: FieldFault[] = [];
  private found = 0;

  constructor(private readonly segment: Segment) {}

  inspect({ pointer, place, heading, text }: TableText): void {
    if (this.segment === 'my_number') return;
    const prefix = heading && `${heading}：`;
    for (const finding of NumberGuard.inspect(prefix + text)) {
      this.found += 1;
      if (this.faults.length >= FAULTS_SHOWN) continue;
      const masked = maskFinding(prefix + text, finding);
      this.faults.push({ pointer, message: `${place}に${FOUND[finding.kind]}：「${masked}」` });
    }
  }

  /** @throws DomainError GUARD.MY_NUMBER_FOUND with each finding's place, masked. They are for the person who sent them alone. */
  assertClean(): void {
    if (this.found === 0) return;
    const more = this.found > this.faults.length ? `（はじめの${this.faults.length}か所を示します）` : '';
    throw new DomainError('GUARD.MY_NUMBER_FOUND', {
      detail:
        `個人番号（マイナンバー）とみられる数字が${this.found.toLocaleString('ja-JP')}か所にあるため、受け付けられません${more}。` +
        'ファイルからその数字を削除して、もう一度お試しください。内容は保存していません。',
      faults: this.faults,
    });
  }
}
