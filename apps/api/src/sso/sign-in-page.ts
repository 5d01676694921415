/** The portal's sign-in page, which goes on to `next` once it is done. */
export const signInPage = (why: Readonly<Record<string, string>>, next: string): string =>
  `/sign-in?${new URLSearchParams({ ...why, ...(next !== '/' && { next }) }).toString()}`;
