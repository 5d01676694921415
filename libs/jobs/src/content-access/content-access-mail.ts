import { type Mail, mailBody, mailTime } from '#libs/notices';
import type { ContentAccess } from './content-access.ts';

/** Tells the city's administrators that somebody waits for their answer; why he asks is told where they are signed in. */
export const contentAccessMail = ({ tenantId, ticket, minutes, askedBy, lapsesAt }: ContentAccess): Mail => ({
  kind: 'content-access.asked',
  adminsOf: [tenantId],
  subject: '【Moyai】内容の閲覧の申請が届いています',
  body: mailBody(
    [
      '運営事業者から、貴団体の内容の閲覧について申請がありました。',
      '管理者としてサインインし、「運営事業者の閲覧」で承認または拒否してください。',
    ],
    [
      `申請者：${askedBy}`,
      `障害の管理番号：${ticket}`,
      `閲覧する時間：${minutes} 分`,
      `回答の期限：${mailTime(lapsesAt)}（日本時間）`,
    ],
    ['期限までに承認されない申請は無効になり、内容は閲覧されません。'],
  ),
});
