import type { Caller } from './callers.ts';
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

/**
 * One completion by the OpenAI protocol: in one piece, streamed, or streamed and left in the middle.
 * @returns in a word how it ended
 */
export async function openAiCall(
  caller: Caller,
  question: string,
  dice: Dice,
  { afterPieces, afterMs = PATIENCE_MS }: Leaving = {},
): Promise<string> {
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
      return `status ${answer.status}`;
    }
    let pieces = 0;
    let text = '';
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      pieces += 1;
      text += piece;
      if (afterPieces !== undefined && pieces >= afterPieces) {
        leave.abort();
        return 'left';
      }
    }
    if (!stream) return holdsAnswer(text) ? 'whole' : NO_ANSWER;
    if (text.includes('data: [DONE]')) return 'streamed';
    return text.includes('data: {"error"') ? 'broken' : WITHOUT_A_WORD;
  } catch {
    return leave.signal.aborted && afterMs < PATIENCE_MS ? 'left' : 'cut';
  } finally {
    clearTimeout(patience);
  }
}

function holdsAnswer(body: string): boolean {
  try {
    const { choices } = JSON.parse(body) as { choices?: { message?: { content?: unknown } }[] };
    return Boolean(choices?.[0]?.message?.content);
  } catch {
    return false;
  }
}
