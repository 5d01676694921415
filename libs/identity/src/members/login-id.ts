/** The form two spellings of one login id share: full-width and half-width, upper and lower case are the same person. */
export const loginIdKey = (loginId: string): string => loginId.normalize('NFKC').trim().toLowerCase();
