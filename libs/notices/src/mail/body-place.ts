import type { SealedPlace } from '#libs/database';

export const bodyPlace = (mailId: string): SealedPlace => ({ rowId: mailId, column: 'mails.body_sealed' });
