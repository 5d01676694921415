/** What a completion by the OpenAI protocol told its taker. */
export interface Told {
  readonly jobId: string;
  readonly text: string;
}

interface Piece {
  readonly id?: string;
  readonly choices?: readonly {
    readonly message?: { readonly content?: unknown };
    readonly delta?: { readonly content?: string };
  }[];
}

const jobOf = ({ id }: Piece): string => id?.replace(/^chatcmpl-/, '') ?? '';

/** Of a body in one piece; undefined when that is no completion, or one without an answer in it. */
export function toldWhole(body: string): Told | undefined {
  const piece = parse(body);
  const text = piece?.choices?.[0]?.message?.content;
  return piece && typeof text === 'string' && text !== '' ? { jobId: jobOf(piece), text } : undefined;
}

/** Of a stream that says at its end that it was whole; undefined of any other. */
export function toldByStream(body: string): Told | undefined {
  const data = body.split('\n\n').flatMap((event) => /^data: (.*)$/m.exec(event)?.[1] ?? []);
  if (data.at(-1) !== '[DONE]') return undefined;
  const pieces = data.slice(0, -1).map((said) => parse(said) ?? {});
  const text = pieces.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('');
  return { jobId: jobOf(pieces[0] ?? {}), text };
}

/** What was told and is not what the api says of its job; undefined when it is. */
export function unlike({ jobId, text }: Told, status: string, stored: { status: number; body: object }) {
  const { output, status: end } = stored.body as { output?: { text: string } | null; status?: string };
  if (stored.status !== 200) return `${jobId}: GET answered ${stored.status}`;
  const kept = output?.text ?? '';
  if (kept !== text) return `${jobId}: ${text.length} characters read, ${kept.length} stored`;
  return end === status ? undefined : `${jobId}: heard ${status}, stored ${end}`;
}

function parse(json: string): Piece | undefined {
  try {
    return JSON.parse(json) as Piece;
  } catch {
    return undefined;
  }
}
