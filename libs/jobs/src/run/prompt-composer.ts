import type { TenantSeal } from '#libs/database';
import type { ModelMessage } from '#libs/model-pool';
import type { ChatMessage, ChatRequest } from '../job.ts';
import type { ClaimedJob, EarlierTurn } from './run-repository.ts';

/** What the model is sent. Texts are in memory only for as long as the call needs them. */
export interface ComposedPrompt {
  readonly system: readonly string[];
  readonly messages: readonly ModelMessage[];
  /** Texts before which the answer ends. */
  readonly stop: readonly string[];
  /** Unicode code points of everything sent, for cities that contract in characters. */
  readonly characters: number;
}

/** Opens the job's messages and puts the conversation's earlier turns before them. */
export function composePrompt(
  job: ClaimedJob,
  inputSealed: Buffer,
  turns: readonly EarlierTurn[],
  seal: TenantSeal,
): ComposedPrompt {
  const all: ChatMessage[] = [];
  for (const turn of turns) {
    all.push(...openMessages(seal, turn.id, turn.inputSealed));
    all.push({ role: 'assistant', content: seal.open({ rowId: turn.id, column: 'output' }, turn.outputSealed) });
  }
  const { messages, stop } = openInput(seal, job.id, inputSealed);
  all.push(...messages);
  return {
    system: all.filter(({ role }) => role === 'system').map(({ content }) => content),
    messages: all.filter((message): message is ModelMessage => message.role !== 'system'),
    stop,
    characters: all.reduce((sum, { content }) => sum + countCharacters(content), 0),
  };
}

type Input = Required<Pick<ChatRequest, 'messages' | 'stop'>>;

/** A job's input as it is sealed: its messages, and beside them only what is asked for beyond. */
export const inputOf = ({ messages, stop = [] }: ChatRequest): string =>
  JSON.stringify(stop.length > 0 ? { messages, stop } : messages);

export const openMessages = (seal: TenantSeal, jobId: string, sealed: Buffer): readonly ChatMessage[] =>
  openInput(seal, jobId, sealed).messages;

function openInput(seal: TenantSeal, jobId: string, sealed: Buffer): Input {
  const input = JSON.parse(seal.open({ rowId: jobId, column: 'input' }, sealed)) as ChatMessage[] | Input;
  return Array.isArray(input) ? { messages: input, stop: [] } : input;
}

/** Unicode code points: what a contract in characters (文字数) counts. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
