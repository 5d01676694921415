import type { ErrorCode } from '#libs/kernel';
import type { Words } from './error-words.ts';

type CodeOfMoney = Extract<
  ErrorCode,
  `${'METERING' | 'PRICING' | 'BILLING' | 'CONTRACTS' | 'RECONCILIATION'}.${string}`
>;

/** The part of the words that is about use, prices, contracts and invoices. */
export const ERROR_WORDS_OF_MONEY: Record<CodeOfMoney, Words> = {
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
  'BILLING.NOTHING_ISSUED': {
    ja: 'この月に発行済みの請求書はありません。',
    en: 'Nothing has been issued for this month.',
  },
  'BILLING.AMOUNT_TOO_LARGE': {
    ja: '1行の金額が1兆円以上になります。利用量と単価を確かめてください。',
    en: 'A line would come to 1,000,000,000,000 yen or more: look at the use and its price.',
  },
  'BILLING.ARCHIVE_NOT_READY': {
    ja: 'ZIPの準備がまだ終わっていません。',
    en: 'The archive is not ready yet.',
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
};
