/** How far back and ahead a word still speaks about a number, in UTF-16 units. */
const BEFORE = 48;
const AFTER = 24;

/** Words a 個人番号 is written near to. */
const NEAR = /マイナンバー|まいなんばー|個人番号|個番|特定個人情報|mynumber/i;

/** Words that name it, and what may stand between the name and the digits: particles, brackets, `は次のとおりです。`. */
const NAMED =
  /(?:マイナンバー|まいなんばー|個人番号|個番|mynumber)(?:カード)?(?:の?番号|の?no\.?)?(?:[([【「][^)\]】」]{0,16}[)\]】」])?(?:は|が|を|も|と|の|です|次|以下|とおり|通り|本人|欄|記入|入力|is|[、。,.:;=|*`"'([【「『>→\-ー―])*$/i;

/** Names of other numbers, when they stand right before the digits on the same line. */
const OTHER_NAME =
  /(?:法人番号|法人等番号|登録番号|電話|電話番号|連絡先|tel|fax|ファックス|ファクス|携帯|携帯番号|内線|内線番号|口座|口座番号|預金番号|振込先|伝票|伝票番号|送り状番号|追跡番号|問合せ番号|問い合わせ番号|問合番号|整理番号|受付番号|受理番号|文書番号|管理番号|注文番号|発注番号|契約番号|証券番号|請求番号|請求書番号|領収書番号|納品書番号|納付番号|確認番号|通知番号|通知書番号|証明書番号|免許番号|免許証番号|免許証の番号|会員番号|利用者番号|お客様番号|顧客番号|宛名番号|世帯番号|保険者番号|年金番号|予約番号|案件番号|物件番号|資産番号|備品番号|製造番号|シリアル番号|決裁番号|起案番号|アカウントid|アカウント|日時|時刻|タイムスタンプ|timestamp|jan|isbn)(?:コード|id|no\.?)?(?:[([【「][^)\]】」]{0,16}[)\]】」])?(?:は|が|を|も|と|の|[、,.:;=|*`"'([【「『>→\-ー―])*$/i;
const MONEY_BEFORE = /(?:[¥\\$€]|金|jpy)$/i;
const PHONE_BEFORE = /\+$/;
const UUID_BEFORE = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}$/i;
const ARN_BEFORE = /arn:[\w:-]*:$/i;
const UNIT_AFTER = /^(?:円|千円|万円|百万円|億円|ドル|ユーロ|yen|バイト|byte)/i;

/** What the words around twelve digits say about them. */
export interface NumberContext {
  /** They say 個人番号 somewhere near. */
  readonly raised: boolean;
  /** They say right there that it is another number, or an amount. */
  readonly lowered: boolean;
}

/** True when the words right before the offset name what follows a 個人番号. A line break may stand between, as in forms. */
export const isNamedBefore = (text: string, offset: number): boolean => NAMED.test(before(text, offset));

/** Reads the words around `[start, end)`. Constant time: only the nearest words count. */
export function readContext(text: string, start: number, end: number): NumberContext {
  const sameLine = before(text, start, /[\n\r\u2028\u2029\u001e]/g);
  const after = fold(text.slice(end, end + AFTER));
  return {
    raised: NEAR.test(before(text, start)) || NEAR.test(after),
    lowered:
      OTHER_NAME.test(sameLine) ||
      MONEY_BEFORE.test(sameLine) ||
      PHONE_BEFORE.test(sameLine) ||
      UUID_BEFORE.test(sameLine) ||
      ARN_BEFORE.test(sameLine) ||
      UNIT_AFTER.test(after),
  };
}

function before(text: string, offset: number, cut?: RegExp): string {
  const slice = text.slice(Math.max(0, offset - BEFORE), offset);
  const from = cut ? Math.max(-1, ...Array.from(slice.matchAll(cut), (match) => match.index)) + 1 : 0;
  return fold(slice.slice(from));
}

/** Width, case of compatibility forms, spaces and invisible characters make no difference to what a word says. */
const fold = (slice: string): string => slice.normalize('NFKC').replace(/[\s\p{Cf}\p{Mn}\p{Cc}]/gu, '');
