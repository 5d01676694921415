import { z } from 'zod';
import { behaviourSchema } from './behaviour.ts';
import { startSimulator } from './simulator.ts';

// The simulator is a peer, not a part of the product: it reads its own environment, as any model service would.
const environment = z
  .object({
    SIMULATOR_HOST: z.string().default('127.0.0.1'),
    SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4_000),
    SIMULATOR_FIRST_TOKEN_DELAY_MS: z.coerce.number().pipe(behaviourSchema.shape.firstTokenDelayMs.unwrap()).optional(),
    SIMULATOR_TOKEN_DELAY_MS: z.coerce.number().pipe(behaviourSchema.shape.tokenDelayMs.unwrap()).optional(),
  })
  .parse(process.env);

const { SIMULATOR_FIRST_TOKEN_DELAY_MS: firstTokenDelayMs, SIMULATOR_TOKEN_DELAY_MS: tokenDelayMs } = environment;
const simulator = await startSimulator({
  port: environment.SIMULATOR_PORT,
  host: environment.SIMULATOR_HOST,
  behaviour: {
    ...(firstTokenDelayMs !== undefined && { firstTokenDelayMs }),
    ...(tokenDelayMs !== undefined && { tokenDelayMs }),
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
process.stdout.write(`${JSON.stringify({ listening: simulator.port })}\n`);
