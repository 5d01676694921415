// Connections lost, servers stopping, time run out: the same step may go well a little later
const TRANSIENT_SQLSTATE = /^(?:08...|57P0[1-5]|57014|53300|25P03|40...)$/;
const TRANSIENT_MESSAGE =
  /^(?:Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered)/;

/** Whether work that failed like this is no worse for being delivered again. */
export function isTransient(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && (TRANSIENT_SQLSTATE.test(code) || /^E[A-Z]+$/.test(code))) return true;
  return typeof message === 'string' && TRANSIENT_MESSAGE.test(message);
}
