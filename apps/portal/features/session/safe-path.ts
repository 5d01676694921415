/**
 * A page of this portal, spelt in names between single slashes and a query, and nothing that a browser, a router or a proxy
 * could read as another place. The API keeps the same rule for those whom an identity provider sends back.
 */
const PAGE = /^\/(?!api(?:[/?]|$))(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*)?(?:\?[\w.~*%+&=:,-]+)?$/;
const LONGEST = 1_000;

/** A page to return to; anything that could lead to another origin becomes null. */
export const safePath = (next: string | null): string | null =>
  next !== null && next.length <= LONGEST && PAGE.test(next) ? next : null;
