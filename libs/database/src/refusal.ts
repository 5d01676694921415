/** SQLSTATE of a row that is there already. */
export const UNIQUE_VIOLATION = '23505';

/** SQLSTATE of a reference to what is not there. */
export const FOREIGN_KEY_VIOLATION = '23503';

/** True when the database refused with this SQLSTATE: one of its own, as above, or of our functions. */
export const refusedWith = (error: unknown, sqlstate: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === sqlstate;
