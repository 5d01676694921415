import type { SealedPlace } from '#libs/database';

export const SECRET_COLUMN = (providerId: string): SealedPlace => ({
  rowId: providerId,
  column: 'client_secret_sealed',
});
