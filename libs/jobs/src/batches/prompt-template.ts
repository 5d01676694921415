import { DomainError } from '#libs/kernel';
import { readPlaces } from '#libs/templates';

/** A text with places for the cells of a row: `{住所}` stands for the cell in the column of that name. */
export class PromptTemplate {
  private readonly text: string;
  /** How often each column is used. */
  private readonly uses: readonly number[];

  private constructor(
    private readonly parts: readonly (string | number)[],
    private readonly columns: readonly string[],
  ) {
    this.text = parts.filter((part) => typeof part === 'string').join('');
    this.uses = columns.map((_, index) => parts.filter((part) => part === index).length);
  }

  /** @throws DomainError BATCHES.TEMPLATE_INVALID naming every place that names no column */
  static parse(text: string, columns: readonly string[]): PromptTemplate {
    const { parts, faults } = readPlaces(text);
    const messages = [...faults];
    const found = parts.map((part) => {
      if ('text' in part) return part.text;
      const column = columns.indexOf(part.place);
      if (column < 0) messages.push(`「{${part.place}}」という列はファイルにありません。`);
      return column;
    });
    if (messages.length === 0 && found.every((part) => typeof part === 'string'))
      messages.push('列名を {列名} の形で1つ以上入れてください。すべての行が同じ文章になってしまいます。');
    if (messages.length > 0)
      throw new DomainError('BATCHES.TEMPLATE_INVALID', {
        faults: messages.map((message) => ({ pointer: '/template', message })),
      });
    return new PromptTemplate(found, columns);
  }

  /** Of how many parts a text is made. */
  get size(): number {
    return this.parts.length;
  }

  /** How long the text of a row is, without making it: a place may stand there thousands of times. */
  lengthOf(cells: readonly string[]): number {
    return this.uses.reduce((sum, uses, column) => sum + uses * cells[column]!.length, this.text.length);
  }

  /** The same in bytes. */
  bytesOf(cells: readonly string[]): number {
    return this.uses.reduce(
      (sum, uses, column) => sum + (uses && uses * Buffer.byteLength(cells[column]!)),
      Buffer.byteLength(this.text),
    );
  }

  /** The column that makes the text of a row long. */
  longestColumnOf(cells: readonly string[]): { index: number; name: string } {
    const lengths = this.uses.map((uses, column) => uses * cells[column]!.length);
    const index = lengths.indexOf(Math.max(...lengths));
    return { index, name: this.columns[index]! };
  }

  /** The columns that the text takes in, each by its place in the file. */
  usedColumns(): { index: number; name: string }[] {
    return this.columns.map((name, index) => ({ index, name })).filter(({ index }) => this.uses[index]! > 0);
  }

  compose(cells: readonly string[]): string {
    return this.parts.map((part) => (typeof part === 'number' ? cells[part]! : part)).join('');
  }
}
