import type { ListedBatch } from '#libs/api-client';
import type { BadgeTone } from '../../components/badge.tsx';

const TONES: Record<ListedBatch['state'], BadgeTone> = { draft: 'neutral', running: 'blue', finished: 'green' };

/** The tone of a batch's state. Green is for one whose every row was answered. */
export const toneOf = ({ state, counts, rowCount }: Pick<ListedBatch, 'state' | 'counts' | 'rowCount'>): BadgeTone =>
  state === 'finished' && counts.completed < rowCount ? 'neutral' : TONES[state];
