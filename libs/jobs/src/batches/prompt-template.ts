import { DomainError } from '#libs/kernel';
import { readPlaces } from '#libs/templates';

/** A text with places for the cells of a row: `{住所}` stands for the cell in the column of that name. */
export class PromptTemplate {
  private constructor(private readonly parts: readonly (string | number)[]) {}

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
    return new PromptTemplate(found);
  }

  compose(cells: readonly string[]): string {
    return this.parts.map((part) => (typeof part === 'number' ? cells[part]! : part)).join('');
  }
}
