const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** An address people are sent to: TLS, or this very machine where a product is tried out. Null when it is neither. */
export function safeAddress(text: string | null | undefined): string | null {
  if (!text || text.length > 2_000 || !URL.canParse(text)) return null;
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username || password || hash) return null;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname)) ? text : null;
}
