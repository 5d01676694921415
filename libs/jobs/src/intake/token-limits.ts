import { DomainError } from '#libs/kernel';
import type { ModelRoute } from '#libs/model-pool';

/** Answers are this long unless the request says otherwise. */
const DEFAULT_MAX_TOKENS = 1_024;

/**
 * The length an answer may have.
 * @throws DomainError JOBS.MAX_TOKENS_TOO_LARGE
 */
export function boundedMaxTokens(
  wanted: number | undefined,
  { maxOutputTokens }: Pick<ModelRoute, 'maxOutputTokens'>,
): number {
  if (wanted === undefined) return Math.min(DEFAULT_MAX_TOKENS, maxOutputTokens);
  if (wanted <= maxOutputTokens) return wanted;
  const detail = `maxTokens は ${maxOutputTokens} 以下で指定してください。`;
  throw new DomainError('JOBS.MAX_TOKENS_TOO_LARGE', { detail, faults: [{ pointer: '/maxTokens', message: detail }] });
}

/**
 * Refuses what no deployment could ever take: a call needs its input and its maxTokens at once, and the provider grants
 * no more than a minute's quota at once. In line it would wait for ever, and hold up those behind it.
 * @throws DomainError JOBS.TOO_LARGE_FOR_MODEL
 */
export function demandFit({ tokensPerMinute }: ModelRoute, inputTokens: number, maxTokens: number): void {
  if (inputTokens + maxTokens <= tokensPerMinute) return;
  const left = tokensPerMinute - inputTokens;
  const advice =
    left > 0 ? `回答の長さ（maxTokens）を ${left} 以下にするか、文章を分けてください。` : '文章を分けてください。';
  const detail = `文章（約 ${inputTokens} トークン）と maxTokens（${maxTokens}）の合計が、一度に扱える ${tokensPerMinute} トークンを超えています。${advice}`;
  throw new DomainError('JOBS.TOO_LARGE_FOR_MODEL', {
    detail,
    faults: [{ pointer: left > 0 ? '/maxTokens' : '/messages', message: detail }],
  });
}
