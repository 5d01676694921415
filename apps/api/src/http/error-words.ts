import type { ErrorCode } from '#libs/kernel';
import { ERROR_WORDS_OF_IDENTITY } from './error-words-of-identity.ts';
import { ERROR_WORDS_OF_SSO } from './error-words-of-sso.ts';
import { ERROR_WORDS_OF_MONEY } from './error-words-of-money.ts';

export interface Words {
  readonly ja: string;
  /** For developers: OpenAI-compatible clients show this one. */
  readonly en: string;
}

/** What people read for each code. Exhaustive: a new code without its words does not compile. */
export const ERROR_WORDS: Record<ErrorCode, Words> = {
  ...ERROR_WORDS_OF_MONEY,
  'REQUEST.MALFORMED': { ja: 'リクエストを読み取れません。', en: 'The request could not be read.' },
  'REQUEST.INVALID': { ja: '入力内容に誤りがあります。', en: 'The input is not valid.' },
  'REQUEST.TOO_LARGE': { ja: '送信内容が大きすぎます。', en: 'The request is too large.' },
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': { ja: 'JSON で送信してください。', en: 'The body must be JSON in UTF-8.' },
  'REQUEST.RANGE_NOT_SATISFIABLE': {
    ja: '続きから受け取れません。最初から受け取り直してください。',
    en: 'The range begins behind the end: fetch the whole again.',
  },
  'REQUEST.CROSS_SITE': { ja: '別のサイトからの操作は受け付けられません。', en: 'Cross-site requests are refused.' },
  'REQUEST.NOT_FOUND': { ja: '見つかりません。', en: 'Not found.' },
  'REQUEST.IDEMPOTENCY_MISMATCH': {
    ja: '同じ Idempotency-Key が別の内容で使われています。',
    en: 'This Idempotency-Key was used with a different request.',
  },
  ...ERROR_WORDS_OF_IDENTITY,
  ...ERROR_WORDS_OF_SSO,
  'TENANCY.CODE_INVALID': {
    ja: '団体コードが正しくありません（検査数字を確認してください）。',
    en: 'The municipality code is not valid; check its check digit.',
  },
  'TENANCY.CODE_TAKEN': { ja: 'この団体コードは登録済みです。', en: 'This municipality code is registered.' },
  'TENANCY.SUSPENDED': { ja: 'この団体の利用は停止されています。', en: 'The use by this city is suspended.' },
  'TENANCY.FROZEN': {
    ja: 'この団体は退会の手続き中のため、管理者によるデータの受け取り以外は利用できません。',
    en: 'This city is leaving: only its administrators may sign in, to fetch its data.',
  },
  'TENANCY.TRIAL_ENDED': {
    ja: '試行期間が終わりました。これまでの内容は見ることができます。続けて利用するには契約が必要です。',
    en: 'The trial has ended. What was written can still be read; going on needs a contract.',
  },
  'TENANCY.TRIAL_INVALID': {
    ja: '試行の最終日は、今日から1年以内の日を指定してください。',
    en: 'The last day of a trial lies between today and a year from now.',
  },
  'TENANCY.ADMIN_CAME': {
    ja: 'この団体の管理者は既にサインインしています。招待は団体の管理者が発行してください。',
    en: 'An administrator of this city has signed in: the city invites its own people from now on.',
  },
  'TENANCY.STATUS_CHANGED': {
    ja: '団体の状態が変わっています。画面を更新して確認してください。',
    en: 'The state of the city has changed. Look again.',
  },
  'TENANCY.LOGIN_ID_TAKEN': { ja: 'このログインIDは使われています。', en: 'This login id is in use.' },
  'TENANCY.DEPARTMENT_UNKNOWN': { ja: '指定された所属がありません。', en: 'There is no such department.' },
  'TENANCY.DEPARTMENT_CYCLE': {
    ja: '所属を自分自身の配下に移すことはできません。',
    en: 'A department cannot be moved below itself.',
  },
  'TENANCY.DEPARTMENT_CODE_TAKEN': { ja: 'この所属コードは使われています。', en: 'This department code is in use.' },
  'TENANCY.PURPOSE_CODE_TAKEN': { ja: 'この事務コードは使われています。', en: 'This purpose code is in use.' },
  'TENANCY.LAST_ADMIN': {
    ja: '最後の管理者は無効化や役割変更ができません。',
    en: 'The last active administrator cannot be disabled or given another role.',
  },
  'TENANCY.SEGMENT_CLOSED': {
    ja: 'このネットワークからの利用は、団体の設定で止められています。',
    en: 'Your city has closed this network.',
  },
  'TENANCY.ADDRESS_REFUSED': {
    ja: 'この端末の場所（IPアドレス）からは利用できません。庁内のネットワークにつないでやり直すか、団体の管理者にお問い合わせください。',
    en: 'Your city does not allow this network from your address.',
  },
  'TENANCY.ADDRESS_RANGE_INVALID': {
    ja: 'IPアドレスの範囲が正しくありません。',
    en: 'An address range is not valid.',
  },
  'TENANCY.OWN_ADDRESS_LEFT_OUT': {
    ja: 'この設定では、いま操作している端末から利用できなくなります。ご自身のネットワークとIPアドレスが含まれるようにしてください。',
    en: 'This would shut out the network or address you are working from.',
  },
  'TENANCY.MODEL_NOT_ALLOWED': {
    ja: 'このモデルは、団体の設定によりこのネットワークでは使えません。',
    en: 'Your city does not allow this model on this network.',
  },
  'TENANCY.ATTACHMENTS_REFUSED': {
    ja: 'このネットワークでは、団体の設定によりファイルを登録できません。',
    en: 'Your city does not allow files to be brought in on this network.',
  },
  'TENANCY.TAKE_OUT_REFUSED': {
    ja: 'このネットワークでは、団体の設定によりファイルを取り出せません。',
    en: 'Your city does not allow files to be taken out on this network.',
  },
  'SCIM.FILTER_INVALID': {
    ja: 'この条件では絞り込めません。',
    en: 'This filter is not supported: use one attribute with eq.',
  },
  'SCIM.PATH_INVALID': { ja: '変更する項目の指定が正しくありません。', en: 'The path of an operation is not valid.' },
  'SCIM.READ_ONLY': { ja: 'この項目は変更できません。', en: 'This attribute cannot be changed.' },
  'SCIM.CHANGED_MEANWHILE': {
    ja: 'ほかで変更されたため、受け付けられません。読み込み直してください。',
    en: 'The resource has changed since it was read.',
  },
  'GUARD.MY_NUMBER_FOUND': {
    ja: '個人番号（マイナンバー）らしい数字が含まれているため、受け付けられません。',
    en: 'The text seems to contain a My Number, which this network does not accept.',
  },
  'GUARD.PURPOSE_REQUIRED': { ja: '利用する事務を選んでください。', en: 'Name the purpose (purposeCode).' },
  'GUARD.PURPOSE_NOT_ENABLED': {
    ja: 'この事務での利用は認められていません。',
    en: 'This purpose is not enabled for your city.',
  },
  'JOBS.MODEL_UNKNOWN': { ja: '指定されたモデルは使えません。', en: 'There is no such model on this network.' },
  'JOBS.MAX_TOKENS_TOO_LARGE': {
    ja: '最大トークン数がモデルの上限を超えています。',
    en: 'max tokens exceeds what the model can answer.',
  },
  'JOBS.TOO_LARGE_FOR_MODEL': {
    ja: '文章と最大トークン数の合計が、このモデルで一度に扱える量を超えています。',
    en: 'Input and max tokens together exceed what this model can take at once.',
  },
  'JOBS.ALREADY_FINISHED': { ja: 'この処理はすでに終わっています。', en: 'The job has already finished.' },
  'JOBS.WORKER_LOST': {
    ja: '処理が中断されました。もう一度お試しください。',
    en: 'The work was interrupted. Try again.',
  },
  'JOBS.HELD_PAST_MONTH': {
    ja: '団体の利用が停止されたまま月が替わったため、処理せずに取り消しました。',
    en: 'Not run: the city was suspended beyond the end of the month in which it was asked.',
  },
  'JOBS.CITY_LEAVING': {
    ja: '団体の退会の手続きが始まったため、処理せずに取り消しました。',
    en: 'Not run: the city had begun to leave.',
  },
  'JOBS.URGENT_OPENING_OVER': {
    ja: 'この緊急レーンの開放はすでに終わっています。',
    en: 'This opening of the urgent lane is over.',
  },
  'TEMPLATES.TEXT_INVALID': {
    ja: 'テンプレートの本文に誤りがあります。',
    en: 'The body of the template is not valid: look at its braces and the names in them.',
  },
  'TEMPLATES.NOT_ALLOWED': {
    ja: '所属のテンプレートはその所属長と管理者、全庁のテンプレートは管理者だけが、公開・変更・削除できます。',
    en: 'A department’s templates are kept by its manager and administrators, the city’s by administrators.',
  },
  'TEMPLATES.TOO_MANY': {
    ja: 'テンプレートの数が上限に達しています。使わないものを削除してください。',
    en: 'There are as many templates as there may be. Delete some that are no longer used.',
  },
  'TEMPLATES.CHANGED_MEANWHILE': {
    ja: '開いている間に、ほかの人がこのテンプレートを変更しました。読み込み直して、変更をやり直してください。',
    en: 'Somebody has changed the template since it was read. Read it again.',
  },
  'HANDOVERS.OWNER_PRESENT': {
    ja: 'この職員は現在もこのネットワークを利用しているため、引き継げません。',
    en: 'The member is still here, and so is what they own.',
  },
  'HANDOVERS.HEIR_NOT_PRESENT': {
    ja: '引き継ぎ先には、このネットワークを利用できる職員（監査担当者を除く）のログインIDを指定してください。',
    en: 'Name somebody who can sign in on this network and is no auditor (toLoginId).',
  },
  'HANDOVERS.TO_ONESELF': {
    ja: '引き継ぎを行う管理者自身を、引き継ぎ先にすることはできません。',
    en: 'Whoever hands over cannot be the one who receives.',
  },
  'HANDOVERS.NOTHING_LEFT': {
    ja: 'この職員の会話・一括処理・テンプレートは、このネットワークに残っていません。',
    en: 'Nothing of the member is left on this network.',
  },
  'HANDOVERS.TAKE_BACK_OVER': {
    ja: 'この引き継ぎは、すでに取り消されたか、取り消せる30日間を過ぎています。',
    en: 'The handover was taken back before, or more than thirty days have passed.',
  },
  'NOTICES.OVER': {
    ja: 'このお知らせは、すでに終了しているか、取り下げられています。',
    en: 'This notice is over or was withdrawn.',
  },
  'NOTICES.MAIL_OVER': {
    ja: 'このメールは送り直せません。送信に失敗してから14日以内のメールだけを送り直せます。',
    en: 'This mail cannot be sent again: only one that failed, within 14 days of that.',
  },
  'CONTENT_ACCESS.NOT_OPEN': {
    ja: '内容を閲覧できる期間ではありません。団体の承認を得てから、承認された時間内に閲覧してください。',
    en: 'There is no open access: content can be read only while an approved access lasts.',
  },
  'CONTENT_ACCESS.ALREADY_DECIDED': {
    ja: 'この申請は、すでに承認・却下されたか、取り下げられたか、回答期限を過ぎています。',
    en: 'This request was decided or withdrawn, or it has lapsed.',
  },
  'CONTENT_ACCESS.OVER': { ja: 'この内容閲覧はすでに終了しています。', en: 'This access is over.' },
  'BATCHES.FILE_TOO_LARGE': { ja: 'ファイルが大きすぎます。', en: 'The file is too large.' },
  'BATCHES.FILE_UNREADABLE': { ja: 'ファイルを読み取れません。', en: 'The file could not be read as CSV or XLSX.' },
  'BATCHES.TABLE_INVALID': { ja: 'ファイルの内容に誤りがあります。', en: 'The rows of the file are not valid.' },
  'ROSTER.FILE_TOO_LARGE': { ja: 'ファイルが大きすぎます。', en: 'The file is too large.' },
  'ROSTER.FILE_UNREADABLE': { ja: 'ファイルを読み取れません。', en: 'The file could not be read as CSV or XLSX.' },
  'ROSTER.TABLE_INVALID': { ja: 'ファイルの形に誤りがあります。', en: 'The columns of the file are not valid.' },
  'ROSTER.NOTHING_TO_APPLY': {
    ja: '反映する内容がありません。ファイルを選び、内容を確認してください。',
    en: 'There is nothing to apply: upload a file and check it.',
  },
  'ROSTER.FAULTY': {
    ja: 'ファイルに誤りがあるため反映できません。誤りを直して、もう一度確認してください。',
    en: 'The files have faults; mend them and check again.',
  },
  'ROSTER.OUTDATED': {
    ja: '確認したあとに職員または所属が変更されました。もう一度内容を確認してください。',
    en: 'Members or departments have changed since the check. Check again.',
  },
  'ROSTER.DISABLES_UNCONFIRMED': {
    ja: '無効になる職員・廃止になる所属の数を確認してください。',
    en: 'Confirm how many members are disabled and departments closed (confirmedDisables).',
  },
  'ROSTER.DATE_INVALID': {
    ja: '反映日は、明日から1年以内の日を指定してください。',
    en: 'The effective day must lie within the year to come.',
  },
  'ROSTER.STEP_NOT_POSSIBLE': {
    ja: 'この登録は今の状態ではその操作ができません。最新の状態を確認してください。',
    en: 'The import is not in a state that allows this.',
  },
  'BATCHES.TEMPLATE_INVALID': {
    ja: 'プロンプトのテンプレートに誤りがあります。',
    en: 'The prompt template is not valid.',
  },
  'BATCHES.ALREADY_STARTED': {
    ja: 'この一括処理はすでに別の内容で始まっています。',
    en: 'The batch was started with something else.',
  },
  'BATCHES.NOT_STARTED': { ja: 'この一括処理はまだ始まっていません。', en: 'The batch has not been started.' },
  'BATCHES.NOT_FINISHED': { ja: 'この一括処理はまだ終わっていません。', en: 'The batch has not finished.' },
  'BATCHES.DRY_RUN_UNDER_WAY': {
    ja: '別の一括処理の内容を確認しています。終わってから、もう一度確認してください。',
    en: 'You are having another batch checked. Check again when that has ended.',
  },
  'BATCHES.NOTHING_TO_RETRY': { ja: '失敗した行がありません。', en: 'No row has failed.' },
  'MODEL.THROTTLED': { ja: 'モデルが混み合っています。もう一度お試しください。', en: 'The model is busy. Try again.' },
  'MODEL.UNAVAILABLE': { ja: 'モデルに接続できません。', en: 'The model cannot be reached.' },
  'MODEL.NO_HEALTHY_DEPLOYMENT': {
    ja: 'このモデルは現在利用できません。',
    en: 'No deployment of this model is healthy right now.',
  },
  'MODEL.STREAM_BROKEN': { ja: '回答が途中で途切れました。', en: 'The answer broke off.' },
  'MODEL.TIMED_OUT': { ja: 'モデルが時間内に回答しませんでした。', en: 'The model did not answer in time.' },
  'MODEL.REFUSED': { ja: 'モデルがこの依頼を受け付けませんでした。', en: 'The model refused the request.' },
  'EXITS.ALREADY_LEAVING': { ja: 'この団体の退会の手続きは既に始まっています。', en: 'This city is leaving already.' },
  'EXITS.NOT_AGREED': {
    ja: '団体の管理者がまだ同意していません。',
    en: 'The administrator of the city has not agreed yet.',
  },
  'EXITS.STEP_NOT_POSSIBLE': {
    ja: '退会の手続きは、いまこの段階に進めません。画面を読み込み直してください。',
    en: 'The exit cannot take this step from where it is.',
  },
  'EXITS.SAME_PERSON': {
    ja: '判断した本人は確認できません。別の担当者が確認してください。',
    en: 'Whoever judged it cannot confirm it: somebody else must.',
  },
  'EXITS.NAME_MISMATCH': { ja: '入力した団体名が一致しません。', en: 'The name typed is not that of the city.' },
  'EXITS.TOO_EARLY': {
    ja: '待機期間が終わっていないため、まだ削除できません。',
    en: 'The waiting period is not over.',
  },
  'EXITS.NOT_BILLED': {
    ja: 'この団体の利用の請求が済んでいないため、まだ削除できません。',
    en: 'What this city used is not billed yet. Close its months and issue its invoices first.',
  },
  'EXITS.EXPORT_UNDER_WAY': {
    ja: 'データの書き出しは既に進んでいます。終わるまでお待ちください。',
    en: 'An export is under way already.',
  },
  'EXITS.EXPORT_NOT_READY': {
    ja: 'この書き出しは受け取れません。作成中か、保存期間が過ぎています。',
    en: 'This export is not ready, or its time is over.',
  },
  'SYSTEM.UNAVAILABLE': {
    ja: '一時的に利用できません。しばらくしてからお試しください。',
    en: 'Temporarily unavailable. Try again shortly.',
  },
  'SYSTEM.UNEXPECTED': { ja: '予期しないエラーが発生しました。', en: 'An unexpected error happened.' },
};
