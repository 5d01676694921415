/** A brace that stands for itself is written twice. */
const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Of a text with places: what stands as it is, or the name of what is to be filled in. */
export type Part = { readonly text: string } | { readonly place: string };

export interface PlacedText {
  readonly parts: readonly Part[];
  /** Japanese, one for each brace that belongs to no pair. */
  readonly faults: readonly string[];
}

/** Reads a text with places: `{住所}` is the place named 住所, and `{{` is a brace. Spaces around a name are not part of it. */
export function readPlaces(text: string): PlacedText {
  const parts: Part[] = [];
  const faults: string[] = [];
  let literal = '';
  let end = 0;
  for (const { 0: token, 1: name, index } of text.matchAll(TOKEN)) {
    literal += text.slice(end, index);
    end = index + token.length;
    if (token === '{{' || token === '}}') literal += token.charAt(0);
    else if (name === undefined) faults.push(`${index + 1}文字目の「${token}」に対応するかっこがありません。`);
    else {
      if (literal !== '') parts.push({ text: literal });
      parts.push({ place: name.trim() });
      literal = '';
    }
  }
  literal += text.slice(end);
  if (literal !== '') parts.push({ text: literal });
  return { parts, faults };
}

/** The names of the places, each once, in the order in which they come. */
export const placesOf = (parts: readonly Part[]): string[] => [
  ...new Set(parts.flatMap((part) => ('place' in part ? [part.place] : []))),
];
