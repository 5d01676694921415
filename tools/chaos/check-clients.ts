import { type Check, figure, none, some } from './check.ts';
import type { Caller } from './callers.ts';
import { call } from './client.ts';
import { type Told, unlike } from './completion.ts';
import type { Observations, Post } from './observations.ts';
import { NO_ANSWER, WITHOUT_A_WORD } from './openai-load.ts';

const ANSWER_LIMIT_MS = 2_000;
const AT_ONCE = 8;
/** What was queued up while a process was stopped comes at once when it goes on. */
const WAKING_MS = 1_000;

/** What clients were told, in time and in content. */
export async function checkClients(seen: Observations): Promise<Check[]> {
  const { readings } = seen;
  const posts = seen.posts.filter((post) => !metStopped(post, seen));
  const statuses = Map.groupBy(posts, ({ status, code }) => (code ? `${status} ${code}` : String(status)));
  const foreign = posts.filter(({ status }) => !(status >= 200 && status < 500) && status !== 503);
  const times = posts.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const quantile = (part: number) => `${Math.round(times[Math.floor((times.length - 1) * part)] ?? 0)} ms`;
  const slow = posts.filter(({ ms }) => ms > ANSWER_LIMIT_MS);
  const stayed = readings.filter((reading) => reading.stayed);
  const counted = [...statuses]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, all]) => `${all.length} × ${status}`);
  return [
    figure('POST /jobs', `${posts.length} (${counted.join(', ')})`),
    figure('POST /jobs, median and 99th percentile', `${quantile(0.5)}, ${quantile(0.99)}`),
    none(
      'POST /jobs answered with neither 2xx, 4xx nor 503',
      foreign.map(({ status, caller, code }) => `${caller} ${status} ${code}`),
    ),
    {
      name: 'POST /jobs, slowest answer',
      value: quantile(1),
      expected: `<= ${ANSWER_LIMIT_MS} ms`,
      met: slow.length === 0,
      where: slow
        .toSorted((a, b) => b.ms - a.ms)
        .map(({ status, ms, caller, at }) => `${at.toISOString()} ${caller} ${status} ${Math.round(ms)} ms`),
    },
    figure(
      'readers',
      `${readings.length} (${readings.reduce((sum, { connections }) => sum + connections, 0)} connections)`,
    ),
    some('readers that heard the end', stayed.length),
    none(
      'readers that never heard the end',
      readings.filter((reading) => !reading.stayed).map(({ jobId }) => jobId),
    ),
    none(
      'readers that heard other than one end',
      stayed.filter(({ terminals }) => terminals.length !== 1).map(({ jobId }) => jobId),
    ),
    none(
      'readers with a gap, a repeat or a word after the end',
      readings
        .filter(({ faults }) => faults.length > 0)
        .map(({ jobId, faults }) => `${jobId}: ${faults.slice(0, 3).join('; ')}`),
    ),
    none('answers read that are not the answers stored', await unlikeStored(stayed, ({ terminals }) => terminals[0]!)),
    figure('completions', [...seen.completions].map(([outcome, count]) => `${count} ${outcome}`).join(', ')),
    some('completions whole', seen.told.length),
    none('completions told that are not the answers stored', await unlikeStored(seen.told, () => 'completed')),
    none(
      'completions answered with neither 200, 4xx nor 503',
      [...seen.completions.keys()].filter((outcome) => /^status (?!4|503)/.test(outcome)),
    ),
    none(
      'completions of status 200 that are none, or that end without a word of it',
      [NO_ANSWER, WITHOUT_A_WORD].flatMap((outcome) => Array<string>(seen.completions.get(outcome) ?? 0).fill(outcome)),
    ),
    figure('accepted at a nearly spent budget', seen.rushes.join('; ') || 'not tried'),
    some('samples of the budgets', seen.samples),
    none(`budgets overdrawn in ${seen.samples} samples`, seen.overdrawn),
    none('surprises of the run itself', seen.surprises),
  ];
}

/** Sent to a process that was stopped for a part of the time: nobody can answer in its place. */
const metStopped = ({ origin, at, ms }: Post, { pauses }: Observations): boolean =>
  pauses.some(
    ({ origins, from, to }) => origins.includes(origin) && at.getTime() >= from && at.getTime() - ms <= to + WAKING_MS,
  );

/** Compares each answer as it was told, and how it was said to end, with what the api says afterwards. */
async function unlikeStored<Heard extends Told & { readonly caller: Caller }>(
  heard: readonly Heard[],
  endOf: (one: Heard) => string,
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < heard.length; at += AT_ONCE) {
    const group = heard.slice(at, at + AT_ONCE);
    const answers = await Promise.all(group.map(({ caller, jobId }) => call(caller, 'GET', `/api/v1/jobs/${jobId}`)));
    found.push(...group.flatMap((one, index) => unlike(one, endOf(one), answers[index]!) ?? []));
  }
  return found;
}
