/** True when the database refused with this SQLSTATE, one of its own (23505, a unique violation) or of our functions. */
export const refusedWith = (error: unknown, sqlstate: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === sqlstate;
