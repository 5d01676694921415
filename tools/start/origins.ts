import { Refusal } from '../lib/root.mjs';
import { isPortFree, poll } from '../services/processes.ts';

const DEFAULT_PORT = 3000;

/** The port of each network's listener: the first is chosen by MOYAI_PORT, the others follow. */
export function listenerPorts(given: string | undefined): Record<'lgwan' | 'my_number' | 'vendor', number> {
  const first = given ? Number(given) : DEFAULT_PORT;
  if (!Number.isInteger(first) || first < 1 || first > 65_533) {
    throw new Refusal(`MOYAI_PORT は 1 から 65533 までの整数で指定してください（いまの値: ${given}）。`);
  }
  return { lgwan: first, my_number: first + 1, vendor: first + 2 };
}

export const originsOf = (ports: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(ports).map(([listener, port]) => [listener, `http://127.0.0.1:${port}`]));

/**
 * Refuses before anything is started when somebody else has one of the ports.
 * @param patienceMs how long what an unclean end left behind may take to let go of them
 */
export async function demandFreePorts(ports: readonly number[], patienceMs: number): Promise<void> {
  for (const port of ports) {
    try {
      await poll(`port ${port}`, patienceMs, async () => ((await isPortFree(port)) ? true : undefined), 200);
    } catch {
      throw new Refusal(
        `ポート ${port} はほかのプログラムが使っています。そのプログラムを止めるか、別の番号で起動してください（例: MOYAI_PORT=${ports[0]! + 1000} npm start）。`,
      );
    }
  }
}
