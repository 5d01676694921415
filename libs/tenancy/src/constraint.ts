/** True when the database refused a statement because of the named constraint. */
export function violates(error: unknown, constraint: string): boolean {
  const { driverError } = error as { driverError?: { constraint?: unknown } };
  return driverError?.constraint === constraint;
}
