import { DomainError, type FieldFault } from '#libs/kernel';

/** A brace that stands for itself is written twice. */
const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** A text with places for the cells of a row: `{住所}` stands for the cell in the column of that name. */
export class PromptTemplate {
  private constructor(private readonly parts: readonly (string | number)[]) {}

  /** @throws DomainError BATCHES.TEMPLATE_INVALID naming every place that names no column */
  static parse(text: string, columns: readonly string[]): PromptTemplate {
    const parts: (string | number)[] = [];
    const faults: FieldFault[] = [];
    const fault = (message: string) => faults.push({ pointer: '/template', message });
    let end = 0;
    for (const { 0: token, 1: name, index } of text.matchAll(TOKEN)) {
      parts.push(text.slice(end, index));
      end = index + token.length;
      const column = name === undefined ? -1 : columns.indexOf(name.trim());
      if (token === '{{' || token === '}}') parts.push(token.charAt(0));
      else if (name === undefined) fault(`${index + 1}文字目の「${token}」に対応するかっこがありません。`);
      else if (column < 0) fault(`「{${name}}」という列はファイルにありません。`);
      else parts.push(column);
    }
    parts.push(text.slice(end));
    if (faults.length === 0 && parts.every((part) => typeof part === 'string'))
      fault('列名を {列名} の形で1つ以上入れてください。すべての行が同じ文章になってしまいます。');
    if (faults.length > 0) throw new DomainError('BATCHES.TEMPLATE_INVALID', { faults });
    return new PromptTemplate(parts);
  }

  compose(cells: readonly string[]): string {
    return this.parts.map((part) => (typeof part === 'number' ? cells[part]! : part)).join('');
  }
}
