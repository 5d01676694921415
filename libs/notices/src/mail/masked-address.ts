/** `kanri@city.example.lg.jp` as `k***@city.example.lg.jp`: which relay and which domain, and not who. */
export function masked(address: string): string {
  const at = address.lastIndexOf('@');
  return at > 0 ? `${[...address][0]}***${address.slice(at)}`.slice(0, 260) : '***';
}
