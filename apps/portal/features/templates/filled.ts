import type { TemplateWithBody } from '#libs/api-client';

type Parts = TemplateWithBody['parts'];

/** The places of a template, each once, in the order in which they come. */
export const placesOf = (parts: Parts): string[] => [
  ...new Set(parts.flatMap((part) => ('place' in part ? [part.place] : []))),
];

/** The text with every place filled in; what is filled in is never read as a template. */
export const filled = (parts: Parts, values: Readonly<Record<string, string>>): string =>
  parts.map((part) => ('place' in part ? (values[part.place] ?? '') : part.text)).join('');
