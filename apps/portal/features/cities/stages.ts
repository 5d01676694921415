import type { City } from '#libs/api-client';
import type { BadgeTone } from '../../components/badge.tsx';

export const STAGES = [
  'active',
  'trial',
  'suspended',
  'frozen',
  'deleting',
  'deleted',
] as const satisfies readonly City['stage'][];

/** A city that leaves is moved by its exit alone. */
export const mayTurn = ({ status }: Pick<City, 'status'>): boolean => status === 'active' || status === 'suspended';

export const STAGE_TONES: Readonly<Record<City['stage'], BadgeTone>> = {
  active: 'green',
  trial: 'blue',
  suspended: 'red',
  frozen: 'purple',
  deleting: 'red',
  deleted: 'neutral',
};
