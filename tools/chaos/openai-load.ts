import type { Caller } from './callers.ts';
import { type Told, toldByStream, toldWhole } from './completion.ts';
import type { Dice } from '../dice.ts';

const PATIENCE_MS = 120_000;

/** A stream that ends like a whole one and is not: its reader would take the half for all of it. */
export const WITHOUT_A_WORD = 'ended without a word';

/** Said to be whole and no completion, or one without an answer in it. */
export const NO_ANSWER = 'no answer in it';

/** When the caller goes before the answer is whole: after so many pieces of it, or so long after asking. */
interface Leaving {
  readonly afterPieces?: number | undefined;
  readonly afterMs?: number;
}

/** One completion: in a word how it ended, and what it told where it was whole. */
export interface Completion {
  readonly outcome: string;
  readonly told?: Told;
}

/**
 * One completion by the OpenAI protocol: in one piece, streamed, or streamed and left in the middle.
 */
export async function openAiCall(
  caller: Caller,
  question: string,
  dice: Dice,
  { afterPieces, afterMs = PATIENCE_MS }: Leaving = {},
): Promise<Completion> {
  const stream = afterPieces !== undefined || dice.roll() < 0.5;
  const leave = new AbortController();
  const patience = setTimeout(() => leave.abort(), afterMs);
  try {
    const answer = await fetch(`${caller.origins[0]}/api/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { ...caller.headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'claude-sonnet-4.6',
        max_tokens: dice.between(50, 400),
        stream,
        messages: [{ role: 'user', content: question }],
      }),
      signal: leave.signal,
    });
    if (answer.status !== 200 || !answer.body) {
      await answer.body?.cancel();
      return { outcome: `status ${answer.status}` };
    }
    let pieces = 0;
    let text = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      pieces += 1;
      text += piece;
      if (afterPieces !== undefined && pieces >= afterPieces) {
        leave.abort();
        return { outcome: 'left' };
      }
    }
    const told = stream ? toldByStream(text) : toldWhole(text);
    if (told) return { outcome: stream ? 'streamed' : 'whole', told };
    if (!stream) return { outcome: NO_ANSWER };
    return { outcome: text.includes('data: {"error"') ? 'broken' : WITHOUT_A_WORD };
  } catch {
    return { outcome: leave.signal.aborted && afterMs < PATIENCE_MS ? 'left' : 'cut' };
  } finally {
    clearTimeout(patience);
  }
}
