import { Injectable } from '@nestjs/common';
import { AdmissionDatabase, TenantDatabase } from '#libs/database';
import { type CityMail, Mailer, mailBody, mailDay } from '#libs/notices';
import { Log } from '#libs/observability';
import { CityEndings, type CityEnding, stepOf } from './city-endings.ts';

/** Mails a city's administrators that its trial or its contract ends soon, once at each step. */
@Injectable()
export class EndingMails {
  constructor(
    private readonly mailer: Mailer,
    private readonly endings: CityEndings,
    private readonly admission: AdmissionDatabase,
    private readonly database: TenantDatabase,
    private readonly log: Log,
  ) {}

  /** For every city concerned; one that fails holds up no other. Whoever comes again, or at the same time, writes nothing. */
  async write(): Promise<void> {
    if (!this.mailer.isOn) return;
    const cities = await this.admission.run((tx) => this.endings.concerned(tx));
    for (const tenantId of cities)
      await this.database
        .run({ tenantId, segment: 'lgwan' }, async (tx) => {
          for (const ending of await this.endings.own(tx)) await this.mailer.enqueueWithin(tx, endingMail(ending));
        })
        .catch((error: unknown) => this.log.warn('endings.not-mailed', { tenantId, error }));
  }
}

function endingMail(ending: CityEnding): CityMail {
  const { kind, endsOn, daysLeft } = ending;
  const what = kind === 'trial' ? '試行利用' : '契約';
  const left = daysLeft === 0 ? '本日が最終日です。' : `残り ${daysLeft} 日です。`;
  return {
    kind: `ending.${kind}`,
    about: `${endsOn} ${stepOf(ending)}`,
    to: { admins: true },
    subject: `【Moyai】${what}の終了日が近づいています（${mailDay(endsOn)}まで）`,
    body: mailBody(
      [`貴団体の${what}は、${mailDay(endsOn)}で終了します。${left}`],
      kind === 'trial'
        ? [
            '翌日から、新しい質問は受け付けられなくなります。これまでの記録は残ります。',
            '引き続きご利用になる場合は、運営事業者の担当者にご連絡ください。',
          ]
        : [
            '次の契約は登録されていません。',
            '更新される場合は運営事業者の担当者に、終了される場合はデータの書き出しについて「退会・データ」の画面をご確認ください。',
          ],
    ),
  };
}
