/**
 * A page of the portal: names between single slashes, and a query. What is not in this alphabet is not asked what a browser
 * would make of it (`//host`, `/\host`, tabs it drops, dots it resolves, escapes a proxy undoes). Nor is the API a page.
 */
const PAGE = /^\/(?!api(?:[/?]|$))(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*)?(?:\?[\w.~*%+&=:,-]+)?$/;
export const LONGEST_RETURN_PATH = 1_000;

/**
 * Where a person may be led after signing in; null for whatever could lead anywhere but to a page of this portal. The
 * portal itself keeps the same rule (features/session/safe-path.ts), and one spec holds the two to each other.
 */
export const returnPath = (text: string): string | null =>
  text.length <= LONGEST_RETURN_PATH && PAGE.test(text) ? text : null;
