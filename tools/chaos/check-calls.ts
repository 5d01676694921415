import { poll } from '../services/processes.ts';
import { type Check, figure, none, some } from './check.ts';
import type { ChaosHouse } from './house.ts';

const KINDS = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens'] as const;
type Tokens = Record<(typeof KINDS)[number], number>;

interface Call extends Tokens {
  callId: string | null;
  protocol: 'bedrock' | 'openai';
  state: string;
}

interface Bill extends Tokens {
  call: string;
  source: 'provider' | 'estimated';
  /** Whether the provider keeps a log that says what a call used, or that there was none. */
  logged: boolean;
}

/** Longer than a call that never reached the model is looked for, with the pauses between looks. */
const RESOLVED_WITHIN_MS = 180_000;

const BILLS = `
  SELECT call, source, (SELECT provider = 'bedrock' FROM pool_deployments WHERE id = deployment_id) AS logged,
    input_tokens::float8 AS "inputTokens", cache_read_tokens::float8 AS "cacheReadTokens",
    cache_write_tokens::float8 AS "cacheWriteTokens", output_tokens::float8 AS "outputTokens"
  FROM usage_records WHERE subject_type = 'job'`;

const byKind = (one: Tokens): string => KINDS.map((kind) => one[kind]).join(' + ');
const tokens = (all: readonly Tokens[], kinds: readonly (keyof Tokens)[] = KINDS): number =>
  all.reduce((sum, one) => sum + kinds.reduce((own, kind) => own + one[kind], 0), 0);

/** Waits until it is known of every lost call what it used; those of which it is not are a finding. */
export async function checkLostCalls(house: ChaosHouse): Promise<Check[]> {
  const open = async () =>
    (await house.sql<{ call: string }>('SELECT call_id AS call FROM lost_calls WHERE resolved_at IS NULL')).map(
      ({ call }) => call,
    );
  await poll('the lost calls', RESOLVED_WITHIN_MS, async () => (await open()).length === 0 || undefined, 500).catch(
    () => undefined,
  );
  const outcomes = await house.sql<{ what: string }>(
    `SELECT format('%s %s', count(*), outcome) AS what FROM lost_calls WHERE outcome IS NOT NULL GROUP BY outcome ORDER BY 1`,
  );
  return [
    figure('lost calls', outcomes.map(({ what }) => what).join(', ') || 'none'),
    none('lost calls that nobody knows the use of', await open()),
  ];
}

/**
 * The provider's ledger against our bills, call by call and to the token. A provider that keeps no log of its calls (the
 * OpenAI-compatible one) can only be held to what it told us: there a lost call is billed by estimate.
 */
export async function checkCalls(house: ChaosHouse): Promise<Check[]> {
  const { items } = (await house.simulator('GET', '/ledger')) as { items: Call[] };
  const calls = items.filter(({ state }) => state !== 'throttled' && state !== 'failed');
  const stated = (wanted: string) => items.filter(({ state }) => state === wanted).length;
  const bills = await house.sql<Bill>(BILLS);
  const billsOf = Map.groupBy(bills, ({ call }) => call);
  const callsOf = Map.groupBy(calls, ({ callId }) => callId);
  const uncalled = bills.filter(({ call }) => !callsOf.has(call));
  const estimated = bills.filter(({ source }) => source === 'estimated');
  const isLogged = ({ protocol }: Call) => protocol === 'bedrock';
  const billed = (call: Call): Bill | undefined => billsOf.get(call.callId ?? '')?.[0];
  const differs = (call: Call) => {
    const bill = billed(call);
    const told = isLogged(call) || bill?.source === 'provider';
    return told && KINDS.some((kind) => bill?.[kind] !== call[kind]);
  };
  const difference = (call: Call) => {
    const bill = billed(call);
    return `${call.callId}: ${byKind(call)} used (${call.state}), ${bill ? `${byKind(bill)} billed` : 'nothing billed'}`;
  };
  return [
    figure('calls in the provider’s ledger', `${calls.length} (${tokens(calls)} tokens)`),
    figure(
      'calls that the provider throttled, or that failed before they began',
      `${stated('throttled')}, ${stated('failed')}`,
    ),
    some('calls whose bill says what the provider counted', bills.length - estimated.length),
    some('tokens billed that were read from a prompt cache', tokens(bills, ['cacheReadTokens'])),
    some('tokens billed that were written to one', tokens(bills, ['cacheWriteTokens'])),
    none(
      'calls sent twice under one id',
      [...callsOf].filter(([, all]) => all.length > 1).map(([id]) => String(id)),
    ),
    figure('bills', `${bills.length} (${tokens(bills)} tokens), ${estimated.length} by estimate`),
    none('calls whose bill differs from the provider’s ledger', calls.filter(differs).map(difference)),
    none('calls not billed', calls.filter((call) => !billed(call)).map(difference)),
    none(
      'calls billed more than once',
      [...billsOf].filter(([, all]) => all.length > 1).map(([call]) => call),
    ),
    none(
      'bills without a call',
      uncalled.filter(({ source, logged }) => source === 'provider' || logged).map(({ call }) => call),
    ),
    figure(
      'bills by estimate without a call, of a provider that keeps no log',
      uncalled.filter(({ logged }) => !logged).length,
    ),
    none(
      'bills by estimate although the provider keeps a log',
      estimated.filter(({ logged }) => logged).map(({ call }) => call),
    ),
  ];
}
