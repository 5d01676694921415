import { randomUUID } from 'node:crypto';
import type { Caller } from './callers.ts';
import { type Answer, call, pause } from './client.ts';
import type { Dice } from '../dice.ts';
import type { Observations } from './observations.ts';
import { openAiCall } from './openai-load.ts';
import { read } from './reader.ts';

/** A reader's patience: longer than any fault lasts, with the lease that has to run out after it. */
const READ_MS = 300_000;
const RESEND_MS = 300;

const QUESTIONS = [
  '敬老会の案内文の文案を作ってください。会場は市民会館です。',
  'ごみの分別の手順を一覧にしてください。',
  '次の議事録を要約してください。本日の会議では、来年度の予算の方針と、庁舎の改修の日程について話し合った。改修は秋に始める。',
  '断水のお知らせの文面を作成してください。対象は西町一丁目です。',
  '窓口の混雑を減らす方法を箇条書きで教えてください。',
];

/** Steady work of many callers, each at their own pace, until told to stop. */
export class Load {
  private readonly observations: Observations;
  private readonly canary: string;
  private readonly loops: Promise<void>[] = [];
  private stopping = false;

  constructor(observations: Observations, canary: string) {
    this.observations = observations;
    this.canary = canary;
  }

  /** Starts one endless sequence of jobs by this caller. */
  start(caller: Caller, dice: Dice): void {
    this.loops.push(this.loop(dice, () => this.oneJob(caller, dice)));
  }

  /** Starts one endless sequence of completions by this caller. */
  startOpenAi(caller: Caller, dice: Dice): void {
    this.loops.push(
      this.loop(dice, async () => {
        const afterPieces = dice.roll() < 0.3 ? dice.between(1, 12) : undefined;
        this.observations.completion(caller, await openAiCall(caller, this.question(dice), dice, { afterPieces }));
      }),
    );
  }

  /** Starts somebody who asks and never stays for the end. */
  startLeaving(caller: Caller, dice: Dice): void {
    this.loops.push(
      this.loop(dice, async () => {
        const leaving = { afterPieces: dice.between(1, 8), afterMs: dice.between(100, 2_000) };
        this.observations.completion(caller, await openAiCall(caller, this.question(dice), dice, leaving));
      }),
    );
  }

  /** Begins nothing new and returns when everybody has read to the end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async loop(dice: Dice, work: () => Promise<void>): Promise<void> {
    while (!this.stopping) {
      await work();
      await pause(dice.between(0, 400));
    }
  }

  private async oneJob(caller: Caller, dice: Dice): Promise<void> {
    const what = dice.roll();
    const body = this.body(caller, dice);
    const key = randomUUID();
    if (what < 0.1) return this.sendMany(caller, body, key, dice);
    if (what < 0.14) await this.hangUp(caller, body, key, dice.between(1, 60));
    const jobId = await this.send(caller, body, key);
    if (!jobId || what < 0.2) return; // asked and never looked
    const cancelAfterMs = what < 0.34 ? dice.between(0, 1_500) : undefined;
    const cancelling =
      cancelAfterMs !== undefined &&
      pause(cancelAfterMs).then(() => call(caller, 'POST', `/api/v1/jobs/${jobId}/cancel`));
    const leaveAfterDeltas = what > 0.8 ? dice.between(1, 10) : undefined;
    this.observations.readings.push(await read(caller, jobId, { patienceMs: READ_MS, leaveAfterDeltas }));
    await cancelling;
  }

  /** Sends until it is known what became of it, as a careful client does. */
  private async send(caller: Caller, body: object, key: string): Promise<string | undefined> {
    for (;;) {
      const answer = await this.post(caller, body, key);
      if (answer.status === 202) return String(answer.body['id']);
      if (answer.status >= 400 && answer.status < 500) return undefined;
      if (this.stopping) return undefined;
      await pause(RESEND_MS);
    }
  }

  /** One job sent several times at once and once more later. */
  private async sendMany(caller: Caller, body: object, key: string, dice: Dice): Promise<void> {
    await Promise.all(Array.from({ length: dice.between(2, 5) }, () => this.post(caller, body, key)));
    await pause(dice.between(0, 1_000));
    await this.send(caller, body, key);
  }

  /** Sends and does not wait for the answer. What becomes of it is learnt by sending it again. */
  private async hangUp(caller: Caller, body: object, key: string, leaveAfterMs: number): Promise<void> {
    const headers = { 'idempotency-key': key };
    const answer = await call(caller, 'POST', '/api/v1/jobs', body, { headers, leaveAfterMs });
    if (answer.status === 0) this.observations.hungUp += 1;
    else this.observations.posted(caller, answer, key);
  }

  private async post(caller: Caller, body: object, key: string): Promise<Answer> {
    const answer = await call(caller, 'POST', '/api/v1/jobs', body, { headers: { 'idempotency-key': key } });
    this.observations.posted(caller, answer, key);
    return answer;
  }

  private body(caller: Caller, dice: Dice): object {
    return {
      kind: 'chat',
      messages: [{ role: 'user', content: this.question(dice) }],
      maxTokens: dice.between(50, 600),
      ...(caller.purposeCode && { purposeCode: caller.purposeCode }),
      ...(dice.roll() < 0.2 && { model: 'local-model' }),
    };
  }

  private question(dice: Dice): string {
    return `${dice.pick(QUESTIONS)} ${this.canary}`;
  }
}
