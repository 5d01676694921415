import { z } from 'zod';

/** Thrown once with every fault of the environment, so that an operator mends them in one pass. */
export class ConfigurationError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/**
 * Reads the named slices from the environment. This is the one place that touches process.env.
 * @throws ConfigurationError naming every variable at fault. Values are never repeated: they may be secrets.
 */
export function loadConfig<Slices extends Record<string, z.ZodType>>(
  slices: Slices,
  environment: Record<string, string | undefined> = process.env,
): { [Name in keyof Slices]: z.output<Slices[Name]> } {
  const faults: string[] = [];
  const config: Record<string, unknown> = {};
  // An empty variable is how compose files and shells say "not set".
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  for (const [name, slice] of Object.entries(slices)) {
    const result = slice.safeParse(present);
    if (result.success) config[name] = result.data;
    else faults.push(...result.error.issues.map((issue) => `${issue.path.join('.') || name}: ${issue.message}`));
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return config as { [Name in keyof Slices]: z.output<Slices[Name]> };
}
