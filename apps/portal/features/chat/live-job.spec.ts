import { expect, test } from 'vitest';
import { type LiveJob, afterEvent, liveJobOf } from './live-job.ts';

const QUEUED: LiveJob = {
  status: 'queued',
  position: 3,
  estimatedWaitMs: 9000,
  model: '',
  simulated: false,
  answer: '',
  usage: null,
  finishReason: null,
  error: null,
  isLost: false,
  problem: null,
};

test('an answer grows by its deltas and is replaced from the offset of a second attempt', () => {
  const deltas = [
    { type: 'delta', offset: 0, text: '一回目の' },
    { type: 'delta', offset: 0, text: '二回' },
    { type: 'delta', offset: 2, text: '目' },
  ] as const;
  expect(deltas.reduce<LiveJob>(afterEvent, QUEUED)).toMatchObject({ status: 'running', answer: '二回目' });
});

test.each(['stop', 'length', 'content_filter', null] as const)(
  'a turn out of the record says how its answer ended: %s',
  (finishReason) => {
    const turn = {
      status: 'completed',
      prompt: '',
      answer: '途中ま',
      finishReason,
      acceptedAt: '',
      jobId: '',
    } as const;
    const recorded = { ...turn, model: '', simulated: false, usage: null, error: null };
    expect(liveJobOf(recorded).finishReason).toBe(finishReason);
  },
);

test('a job that could not be reached is so until the next event', () => {
  const back = afterEvent({ ...QUEUED, isLost: true }, { type: 'queued', position: 1, estimatedWaitMs: null });
  expect(back).toMatchObject({ isLost: false, position: 1 });
});

test('a finished job does not change again, whatever a resumed stream repeats', () => {
  const finished = afterEvent(QUEUED, { type: 'completed', finishReason: 'stop' });
  expect(afterEvent(finished, { type: 'delta', offset: 0, text: '余分' })).toBe(finished);
  expect(afterEvent(finished, { type: 'queued', position: 1, estimatedWaitMs: null })).toBe(finished);
});
