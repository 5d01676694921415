import { guardPrompt } from '#libs/guardrail';
import { DomainError, type Segment } from '#libs/kernel';
import { placesOf, readPlaces } from './places.ts';
import { PLACES, type TemplateWords } from './template.ts';

/**
 * Before anything of it is stored. @throws DomainError GUARD.MY_NUMBER_FOUND, TEMPLATES.TEXT_INVALID naming every brace
 * without its other half and every place that cannot be filled in
 */
export function checkTemplate(segment: Segment, { title, body, note }: TemplateWords): void {
  const texts = [
    { pointer: '/title', text: title },
    { pointer: '/body', text: body },
    { pointer: '/note', text: note ?? '' },
  ];
  guardPrompt({ segment, texts });
  const { parts, faults } = readPlaces(body);
  const places = placesOf(parts);
  const messages = [...faults];
  if (places.includes('')) messages.push('かっこの中に、入力する項目の名前を {項目名} の形で書いてください。');
  if (places.some((name) => name.length > PLACES.nameCharacters))
    messages.push(`項目の名前は${PLACES.nameCharacters}文字以内にしてください。`);
  if (places.length > PLACES.most) messages.push(`入力する項目は${PLACES.most}個以内にしてください。`);
  if (messages.length > 0)
    throw new DomainError('TEMPLATES.TEXT_INVALID', {
      faults: messages.map((message) => ({ pointer: '/body', message })),
    });
}
