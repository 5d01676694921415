import type { ErrorCode } from '#libs/kernel';

interface Words {
  readonly ja: string;
  /** For developers: OpenAI-compatible clients show this one. */
  readonly en: string;
}

/** What people read for each code. Exhaustive: a new code without its words does not compile. */
export const ERROR_WORDS: Record<ErrorCode, Words> = {
  'REQUEST.MALFORMED': { ja: 'リクエストを読み取れません。', en: 'The request could not be read.' },
  'REQUEST.INVALID': { ja: '入力内容に誤りがあります。', en: 'The input is not valid.' },
  'REQUEST.TOO_LARGE': { ja: '送信内容が大きすぎます。', en: 'The request is too large.' },
  'REQUEST.UNSUPPORTED_MEDIA_TYPE': { ja: 'JSON で送信してください。', en: 'The body must be JSON in UTF-8.' },
  'REQUEST.CROSS_SITE': { ja: '別のサイトからの操作は受け付けられません。', en: 'Cross-site requests are refused.' },
  'REQUEST.NOT_FOUND': { ja: '見つかりません。', en: 'Not found.' },
  'REQUEST.IDEMPOTENCY_MISMATCH': {
    ja: '同じ Idempotency-Key が別の内容で使われています。',
    en: 'This Idempotency-Key was used with a different request.',
  },
  'IDENTITY.UNAUTHENTICATED': { ja: 'サインインしてください。', en: 'Sign in or send a valid API key.' },
  'IDENTITY.SIGN_IN_FAILED': {
    ja: '団体コード、ログインID、パスワードのいずれかが違います。',
    en: 'City code, login id or password is wrong.',
  },
  'IDENTITY.THROTTLED': {
    ja: 'サインインの失敗が続いています。しばらく待ってからやり直してください。',
    en: 'Too many failed sign-ins. Try again later.',
  },
  'IDENTITY.FORBIDDEN': { ja: 'この操作を行う権限がありません。', en: 'You are not allowed to do this.' },
  'IDENTITY.PASSWORD_REFUSED': { ja: 'このパスワードは使えません。', en: 'This password cannot be used.' },
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
  'GUARD.MY_NUMBER_FOUND': {
    ja: '個人番号（マイナンバー）らしい数字が含まれているため、受け付けられません。',
    en: 'The text seems to contain a My Number, which this network does not accept.',
  },
  'GUARD.PURPOSE_REQUIRED': { ja: '利用する事務を選んでください。', en: 'Name the purpose (purposeCode).' },
  'GUARD.PURPOSE_NOT_ENABLED': {
    ja: 'この事務での利用は認められていません。',
    en: 'This purpose is not enabled for your city.',
  },
  'METERING.BUDGET_EXHAUSTED': {
    ja: '今月の利用上限に達するため、受け付けられません。',
    en: 'The monthly token budget does not allow this request.',
  },
  'METERING.IMPORT_INVALID': {
    ja: 'ファイルの内容に誤りがあります。1行も取り込んでいません。',
    en: 'The rows of the file are not valid; none of them was taken in.',
  },
  'METERING.IMPORT_TOO_LARGE': { ja: 'ファイルが大きすぎます。', en: 'The file is too large.' },
  'PRICING.AMOUNT_INVALID': {
    ja: '金額が正しくありません。',
    en: 'The amount is not valid.',
  },
  'PRICING.MODEL_UNKNOWN': { ja: '知らないモデルです。', en: 'There is no such model.' },
  'PRICING.BACK_DATED': {
    ja: '適用開始日がすでに来ています。さかのぼって変えることはできません。',
    en: 'The start has passed: what already applies is never changed.',
  },
  'PRICING.START_TAKEN': {
    ja: '同じ日から始まるものが、すでにあります。',
    en: 'There is another one with this start.',
  },
  'PRICING.GAP': {
    ja: 'ドル建ての単価に、円に換算する為替のない期間ができます。',
    en: 'Prices in dollars would be left without an exchange rate.',
  },
  'PRICING.ALREADY_DECIDED': {
    ja: 'すでに承認または取下げが済んでいます。',
    en: 'It has been approved or withdrawn already.',
  },
  'PRICING.SAME_PERSON': {
    ja: '申請した本人は承認できません。別の担当者が承認してください。',
    en: 'Whoever proposed it cannot approve it: another person must.',
  },
  'BILLING.INVOICE_NOT_ISSUED': {
    ja: '発行前の請求書です。この形式は発行後に取り出せます。',
    en: 'The invoice has not been issued; this format exists of issued ones only.',
  },
  'METERING.MONTH_OVER': { ja: '過ぎた月の上限は変更できません。', en: 'The month is over.' },
  'METERING.NO_OWN_LIMIT': {
    ja: 'この所属には個別の上限が設定されていません。',
    en: 'The department has no limit of its own.',
  },
  'METERING.TOP_UP_OPEN': {
    ja: 'この月の増額申請はすでに出されています。',
    en: 'The department has already asked for this month.',
  },
  'METERING.TOP_UP_OWN': { ja: '自分の申請は決裁できません。', en: 'Nobody decides on an own request.' },
  'METERING.TOP_UP_DECIDED': { ja: 'この申請はすでに決裁されています。', en: 'The request has been decided.' },
  'CONTRACTS.DATES_INVALID': {
    ja: '期間が正しくありません。契約は一つの年度（4月から3月）の中に、条件と終了日は契約期間の中に収めてください。',
    en: 'The days are not valid: a contract lies within one fiscal year, its terms and its end within the contract.',
  },
  'CONTRACTS.OVERLAP': {
    ja: 'この団体には、同じ月に別の契約があります。契約は1か月に1件です。',
    en: 'The city has another contract in one of these months.',
  },
  'CONTRACTS.MONTH_CLOSED': {
    ja: '締めた月（または締めている月）にかかるため、変更できません。',
    en: 'A month it would change is closed or being closed.',
  },
  'CONTRACTS.NOT_IN_FUTURE': {
    ja: '日付がすでに来ています。さかのぼって変えることはできません。',
    en: 'The day has come: what already applies is never changed.',
  },
  'CONTRACTS.NOT_IN_FORCE': {
    ja: '契約の最初の条件がまだ承認されていません。',
    en: 'The first terms of the contract have not been approved.',
  },
  'CONTRACTS.START_TAKEN': {
    ja: '同じ日から始まる条件が、すでにあります。',
    en: 'There are other terms from this day.',
  },
  'CONTRACTS.ENDING_PROPOSED': {
    ja: 'この契約には、途中終了の申請または承認がすでにあります。',
    en: 'An early end of this contract was proposed already.',
  },
  'CONTRACTS.ALREADY_DECIDED': {
    ja: 'すでに承認が済んでいます。',
    en: 'It has been approved already.',
  },
  'CONTRACTS.SAME_PERSON': {
    ja: '申請した本人は承認できません。別の担当者が承認してください。',
    en: 'Whoever proposed it cannot approve it: another person must.',
  },
  'CONTRACTS.PLAN_UNKNOWN': {
    ja: 'このプランは提供していません。',
    en: 'This plan is not on offer.',
  },
  'CONTRACTS.PLAN_CODE_TAKEN': {
    ja: 'このプランコードは使われています。',
    en: 'This plan code is in use.',
  },
  'CONTRACTS.COUNCIL_UNKNOWN': {
    ja: 'この団体は、その年度の協議会の構成団体ではありません。',
    en: 'The city is no member of this council in that fiscal year.',
  },
  'CONTRACTS.COUNCIL_NOT_APPROVED': {
    ja: '協議会またはこの団体の参加が、まだ承認されていません。',
    en: 'The council, or the city’s membership, has not been approved.',
  },
  'CONTRACTS.COUNCIL_NAME_TAKEN': {
    ja: '同じ年度に同じ名称の協議会があります。',
    en: 'There is a council of this name in that fiscal year.',
  },
  'CONTRACTS.COUNCIL_IN_USE': {
    ja: 'この協議会による契約が登録されているため、取り下げられません。',
    en: 'There is a contract under this council.',
  },
  'CONTRACTS.MEMBER_TAKEN': {
    ja: 'この団体はすでに構成団体です。',
    en: 'The city is a member already.',
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
  'JOBS.URGENT_OPENING_OVER': {
    ja: 'この緊急レーンの開放はすでに終わっています。',
    en: 'This opening of the urgent lane is over.',
  },
  'BATCHES.FILE_TOO_LARGE': { ja: 'ファイルが大きすぎます。', en: 'The file is too large.' },
  'BATCHES.FILE_UNREADABLE': { ja: 'ファイルを読み取れません。', en: 'The file could not be read as CSV or XLSX.' },
  'BATCHES.TABLE_INVALID': { ja: 'ファイルの内容に誤りがあります。', en: 'The rows of the file are not valid.' },
  'BATCHES.TEMPLATE_INVALID': { ja: 'プロンプトのひな形に誤りがあります。', en: 'The prompt template is not valid.' },
  'BATCHES.ALREADY_STARTED': {
    ja: 'この一括処理はすでに別の内容で始まっています。',
    en: 'The batch was started with something else.',
  },
  'BATCHES.NOT_STARTED': { ja: 'この一括処理はまだ始まっていません。', en: 'The batch has not been started.' },
  'BATCHES.NOT_FINISHED': { ja: 'この一括処理はまだ終わっていません。', en: 'The batch has not finished.' },
  'BATCHES.NOTHING_TO_RETRY': { ja: '失敗した行がありません。', en: 'No row has failed.' },
  'BILLING.MONTH_NOT_READY': {
    ja: 'この月はまだ締められません。表示されている項目を解消してから、もう一度締めてください。',
    en: 'The month cannot be closed yet. See its faults.',
  },
  'BILLING.MONTH_CLOSED': { ja: 'この月はすでに締められています。', en: 'The month is closed.' },
  'BILLING.STEP_NOT_POSSIBLE': {
    ja: '現在の状態ではこの操作はできません。画面を更新して状態を確認してください。',
    en: 'This step is not possible in the current state.',
  },
  'BILLING.SAME_PERSON': {
    ja: '確認または起案した本人は承認できません。別の担当者が承認してください。',
    en: 'Another person than who reviewed or proposed it must approve.',
  },
  'BILLING.ISSUER_UNKNOWN': {
    ja: '請求書の発行者（名称・登録番号など）が設定されていないため、発行できません。',
    en: 'No issuer is configured (ISSUER_*).',
  },
  'BILLING.CREDIT_TOO_LARGE': {
    ja: '返還の合計が元の請求額を超えています。',
    en: 'The credit notes of an invoice cannot exceed it.',
  },
  'BILLING.CORRECTION_TOO_LARGE': {
    ja: '訂正の結果、利用量がマイナスになります。',
    en: 'The correction would leave less than nothing.',
  },
  'RECONCILIATION.FILE_TOO_LARGE': { ja: '原価レポートが大きすぎます。', en: 'The cost report is too large.' },
  'RECONCILIATION.FILE_UNREADABLE': {
    ja: '原価レポートを読み取れません。',
    en: 'The cost report could not be read as CSV in UTF-8.',
  },
  'RECONCILIATION.COLUMNS_MISSING': {
    ja: '原価レポートに必要な列がありません。',
    en: 'The file lacks columns of a CUR 2.0 or Cost Explorer CSV.',
  },
  'RECONCILIATION.CURRENCY_REFUSED': {
    ja: '原価レポートに USD 以外の通貨があります。',
    en: 'The cost report has amounts in another currency than USD.',
  },
  'RECONCILIATION.AMOUNT_INVALID': {
    ja: '原価レポートに正しくない金額または数量があります。',
    en: 'The cost report has an amount that is no number, or is negative and no credit.',
  },
  'RECONCILIATION.MONTH_MISMATCH': {
    ja: '原価レポートに対象月以外の明細があります。',
    en: 'The cost report has lines of another month.',
  },
  'RECONCILIATION.REPORT_DUPLICATE': {
    ja: 'このファイルはすでに取り込まれています。',
    en: 'This very file was imported before.',
  },
  'RECONCILIATION.NOTHING_OPEN': { ja: '未説明の差異がありません。', en: 'Nothing of the variance is unexplained.' },
  'RECONCILIATION.ALREADY_PROPOSED': {
    ja: 'すでに申請されています。承認または取下げをしてください。',
    en: 'There is a proposal already; approve it or take it back.',
  },
  'RECONCILIATION.ALREADY_DECIDED': {
    ja: 'この申請はすでに承認または取下げされています。',
    en: 'This proposal has been approved or taken back.',
  },
  'RECONCILIATION.SAME_PERSON': {
    ja: '申請した人は承認できません。別の人が承認してください。',
    en: 'Whoever proposed it cannot approve it.',
  },
  'RECONCILIATION.REPORT_MISSING': {
    ja: '対象月の原価レポートがないため、請求書を発行できません。',
    en: 'No invoice of this month can be issued without the provider’s cost report.',
  },
  'RECONCILIATION.NOT_SETTLED': {
    ja: '原価との差異に未説明のものが残っているため、請求書を発行できません。',
    en: 'No invoice of this month can be issued while more variance is unexplained than allowed.',
  },
  'MODEL.THROTTLED': { ja: 'モデルが混み合っています。もう一度お試しください。', en: 'The model is busy. Try again.' },
  'MODEL.UNAVAILABLE': { ja: 'モデルに接続できません。', en: 'The model cannot be reached.' },
  'MODEL.NO_HEALTHY_DEPLOYMENT': {
    ja: 'このモデルは現在利用できません。',
    en: 'No deployment of this model is healthy right now.',
  },
  'MODEL.STREAM_BROKEN': { ja: '回答が途中で途切れました。', en: 'The answer broke off.' },
  'MODEL.TIMED_OUT': { ja: 'モデルが時間内に回答しませんでした。', en: 'The model did not answer in time.' },
  'MODEL.REFUSED': { ja: 'モデルがこの依頼を受け付けませんでした。', en: 'The model refused the request.' },
  'SYSTEM.UNAVAILABLE': {
    ja: '一時的に利用できません。しばらくしてからお試しください。',
    en: 'Temporarily unavailable. Try again shortly.',
  },
  'SYSTEM.UNEXPECTED': { ja: '予期しないエラーが発生しました。', en: 'An unexpected error happened.' },
};
