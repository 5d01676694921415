import { z } from 'zod';
import { behaviourSchema } from './behaviour.ts';
import { quotasSchema } from './quota/quota-settings.ts';
import { startSimulator } from './simulator.ts';

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
}

// The simulator is a peer, not a part of the product: it reads its own environment, as any model service would.
const environment = z
  .object({
    SIMULATOR_HOST: z.string().default('127.0.0.1'),
    SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4_000),
    SIMULATOR_FIRST_TOKEN_DELAY_MS: z.coerce.number().pipe(behaviourSchema.shape.firstTokenDelayMs.unwrap()).optional(),
    SIMULATOR_QUOTAS: z.string().transform(parseJson).pipe(quotasSchema).optional(),
    SIMULATOR_TOKEN_DELAY_MS: z.coerce.number().pipe(behaviourSchema.shape.tokenDelayMs.unwrap()).optional(),
  })
  .parse(process.env);

const { SIMULATOR_FIRST_TOKEN_DELAY_MS: firstTokenDelayMs, SIMULATOR_TOKEN_DELAY_MS: tokenDelayMs } = environment;
const simulator = await startSimulator({
  port: environment.SIMULATOR_PORT,
  host: environment.SIMULATOR_HOST,
  quotas: environment.SIMULATOR_QUOTAS,
  behaviour: {
    ...(firstTokenDelayMs !== undefined && { firstTokenDelayMs }),
    ...(tokenDelayMs !== undefined && { tokenDelayMs }),
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
process.stdout.write(`${JSON.stringify({ listening: simulator.port })}\n`);
