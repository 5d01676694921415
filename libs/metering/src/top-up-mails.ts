import { type CityMail, mailMonth, mailNumber, optionalMailBody } from '#libs/notices';
import type { TopUpRequest } from './top-up-desk.ts';

const figures = ({ departmentName, month, tokens }: TopUpRequest): string[] => [
  `所属：${departmentName}`,
  `対象の月：${mailMonth(month)}`,
  `追加の希望：${mailNumber(tokens)} トークン`,
];

/** To those who decide. Why it is asked is told where they are signed in. */
export const topUpAskedMail = (request: TopUpRequest): CityMail => ({
  kind: 'top-up.asked',
  about: request.id,
  to: { admins: true, but: request.requestedById },
  subject: '【Moyai】利用上限の増額の申請が届いています',
  body: optionalMailBody(['所属から、利用上限の増額の申請がありました。'], figures(request), [
    '理由をご確認のうえ、「予算」の画面で承認または却下してください。',
  ]),
});

/** To who asked. */
export function topUpDecidedMail(request: TopUpRequest): CityMail {
  const decision = request.state === 'approved' ? '承認' : '却下';
  return {
    kind: 'top-up.decided',
    about: request.id,
    to: { memberIds: [request.requestedById] },
    subject: `【Moyai】利用上限の増額の申請が${decision}されました`,
    body: optionalMailBody(
      [`申請のあった利用上限の増額は、${decision}されました。`],
      [
        ...figures(request),
        ...(request.limitAfter === null ? [] : [`新しい上限：${mailNumber(request.limitAfter)} トークン`]),
      ],
      ['詳しくは「予算」の画面でご確認ください。'],
    ),
  };
}
