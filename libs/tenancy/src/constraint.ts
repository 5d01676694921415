/** True when the database refused a statement because of the named constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return (error as { constraint?: unknown }).constraint === constraint;
}
