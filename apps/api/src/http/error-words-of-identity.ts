import type { ErrorCode } from '#libs/kernel';
import type { Words } from './error-words.ts';

/** Of who may come in and with what proof; a part of ERROR_WORDS. */
export const ERROR_WORDS_OF_IDENTITY: Record<Extract<ErrorCode, `IDENTITY.${string}`>, Words> = {
  'IDENTITY.UNAUTHENTICATED': { ja: 'サインインしてください。', en: 'Sign in or send a valid API key.' },
  'IDENTITY.SIGN_IN_FAILED': {
    ja: '団体コード、ログインID、パスワードのいずれかが違います。',
    en: 'City code, login id or password is wrong.',
  },
  'IDENTITY.THROTTLED': {
    ja: 'サインインの失敗が続いています。しばらく待ってからやり直してください。',
    en: 'Too many failed sign-ins. Try again later.',
  },
  'IDENTITY.TOO_MANY_REQUESTS': {
    ja: '短い時間に操作が集中しています。少し待ってからやり直してください。',
    en: 'Too many requests. Try again after the time given in Retry-After.',
  },
  'IDENTITY.FORBIDDEN': { ja: 'この操作を行う権限がありません。', en: 'You are not allowed to do this.' },
  'IDENTITY.MEMBER_UNKNOWN': { ja: '指定された職員がいません。', en: 'There is no such member.' },
  'IDENTITY.EXTERNAL_ID_TAKEN': {
    ja: 'この externalId は別の職員に使われています。',
    en: 'This externalId belongs to another user.',
  },
  'IDENTITY.PASSWORD_REFUSED': { ja: 'このパスワードは使えません。', en: 'This password cannot be used.' },
  'IDENTITY.SECOND_FACTOR_REQUIRED': {
    ja: 'サインインが完了していません。二要素認証を済ませてください。',
    en: 'Signing in is not finished: prove or enrol a second factor.',
  },
  'IDENTITY.STEP_UP_REQUIRED': {
    ja: 'この操作には本人確認が必要です。パスワードと確認コードを入力してください。',
    en: 'This needs a proof of who you are, at most ten minutes old.',
  },
  'IDENTITY.PROOF_WRONG': {
    ja: '入力した内容が正しくありません。使用済みの確認コードは使えません。新しいコードで試してください。',
    en: 'The proof is wrong, or the code has been used. Try with a new code.',
  },
  'IDENTITY.PASSKEY_REFUSED': {
    ja: 'パスキーを確認できませんでした。もう一度やり直してください。',
    en: 'The passkey was not accepted. Begin again.',
  },
  'IDENTITY.LAST_FACTOR': {
    ja: '二要素認証が必須のため、最後の一つは削除できません。先に別の手段を登録してください。',
    en: 'A second factor is demanded and this is the last one. Add another first.',
  },
  'IDENTITY.OWN_FACTORS': {
    ja: '自分の二要素認証は解除できません。ほかの運用担当者に依頼してください。',
    en: 'You cannot reset your own second factors. Ask a colleague.',
  },
  'IDENTITY.NO_FACTOR': {
    ja: '二要素認証が登録されていません。',
    en: 'No second factor is enrolled.',
  },
  'IDENTITY.TOO_MANY_FACTORS': {
    ja: '登録できる数の上限に達しています。使わないものを削除してください。',
    en: 'No more second factors can be enrolled. Remove one that is not used.',
  },
  'IDENTITY.MEMBER_DISABLED': {
    ja: 'この職員は利用停止になっています。団体の管理者に連絡してください。',
    en: 'This member is disabled. Ask your administrator.',
  },
  'IDENTITY.INVITATION_UNKNOWN': {
    ja: '招待が見つかりません。リンク全体を開いたか、招待されたネットワークの端末かを確かめてください。',
    en: 'No such invitation. Open the whole link, on the network you were invited to.',
  },
  'IDENTITY.INVITATION_USED': {
    ja: 'この招待は使用済みです。設定したパスワードでサインインしてください。',
    en: 'This invitation has been used. Sign in with the password that was set.',
  },
  'IDENTITY.INVITATION_EXPIRED': {
    ja: '招待の有効期限が切れています。団体の管理者に新しい招待を依頼してください。',
    en: 'This invitation has expired. Ask your administrator for a new one.',
  },
  'IDENTITY.INVITATION_REVOKED': {
    ja: 'この招待は取り消されています。新しい招待を受け取っていないかを確かめ、なければ管理者に依頼してください。',
    en: 'This invitation was revoked. Look for a newer one, or ask your administrator.',
  },
  'IDENTITY.INVITATION_NOT_MAILED': {
    ja: '招待をメールで送れません。職員にメールアドレスがあり、同じネットワークの職員で、メールの送信が有効になっている必要があります。招待リンクを発行して渡してください。',
    en: 'The invitation cannot be mailed: the member needs a mail address and has to be of your network, and mail has to be configured. Issue a link instead.',
  },
};
