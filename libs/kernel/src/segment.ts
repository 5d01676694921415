/** The three networks of a municipality (三層の対策). Set by where a request comes in, never by the user. */
export const SEGMENTS = ['my_number', 'lgwan', 'internet'] as const;
export type Segment = (typeof SEGMENTS)[number];

export const isSegment = (value: unknown): value is Segment => SEGMENTS.includes(value as Segment);
