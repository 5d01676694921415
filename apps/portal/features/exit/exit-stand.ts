import type { CityExitRecord } from '#libs/api-client';

/** What an exit that is not over waits for; `stopped` and `deletable` wait for the vendor. */
export type ExitStand =
  'agreement' | 'freeze' | 'exporting' | 'receipt' | 'waiting' | 'deletable' | 'deleting' | 'stopped';

/** Days of an exit are JST. */
export const mayBeDeleted = ({ deleteFrom }: Pick<CityExitRecord, 'deleteFrom'>): boolean =>
  deleteFrom !== null && deleteFrom <= new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' });

/** @returns null for one that is over or withdrawn */
export function standOf(exit: CityExitRecord): ExitStand | null {
  if (exit.fault !== null) return 'stopped';
  switch (exit.state) {
    case 'planned':
      return exit.agreedAt === null ? 'agreement' : 'freeze';
    case 'frozen':
      return 'exporting';
    case 'exported':
      return 'receipt';
    case 'waiting':
      return mayBeDeleted(exit) ? 'deletable' : 'waiting';
    case 'deleting':
      return 'deleting';
    case 'deleted':
    case 'withdrawn':
      return null;
  }
}
