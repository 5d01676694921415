import { type Assignment, keywordsOf, plain, shorten } from './japanese-text.ts';

const UNKNOWN = '（記入してください）';

const KINDS = [
  { words: /お詫び|謝罪/u, noun: 'お詫び', closing: 'ご迷惑をおかけしますことを、重ねてお詫び申し上げます。' },
  { words: /依頼|お願い|協力/u, noun: 'お願い', closing: 'ご理解とご協力をお願いいたします。' },
  { words: /案内|開催|説明会|講座/u, noun: 'ご案内', closing: '皆様のご参加をお待ちしております。' },
  {
    words: /お知らせ|通知|中止|延期|変更|工事|断水/u,
    noun: 'お知らせ',
    closing: 'ご不便をおかけしますが、ご理解をお願いいたします。',
  },
];
const OTHER_KIND = { noun: '通知', closing: 'ご不明な点は、下記までお問い合わせください。' };

const DATE = /(?:令和\s?[0-9０-９元]+年|[0-9０-９]{4}年)?\s?[0-9０-９]{1,2}月\s?[0-9０-９]{1,2}日(?:（.）|\(.\))?/u;
const TIME =
  /(?:午前|午後)?\s?[0-9０-９]{1,2}時(?:[0-9０-９]{1,2}分|半)?(?:から(?:(?:午前|午後)?[0-9０-９]{1,2}時(?:[0-9０-９]{1,2}分|半)?(?:まで)?)?)?/u;
const PLACE =
  /(?:場所|会場|於)(?:は|：|:)?\s?([^\s、。，]{2,30})|([^\s、。，にでの]{2,20}(?:公民館|市役所|庁舎|会館|センター|小学校|中学校|体育館|ホール))/u;

/** A letter in the form of official writing, filled with what the request says and marked where it says nothing. */
export function draftLetter({ instruction, material }: Assignment): string {
  const source = `${instruction}
${material}`;
  const kind = KINDS.find(({ words }) => words.test(source)) ?? OTHER_KIND;
  const subject = subjectOf(instruction, source);
  const date = plain(`${DATE.exec(source)?.[0] ?? ''} ${TIME.exec(source)?.[0] ?? ''}`);
  return [
    `**件名**：${subject}について（${kind.noun}）`,
    '',
    `**宛名**：${addresseeOf(source)}`,
    '',
    '**発信者**：〇〇市長',
    '',
    '---',
    '',
    '平素から市政の推進にご理解とご協力を賜り、厚くお礼申し上げます。',
    '',
    `さて、このたび${subject}について、下記のとおりお知らせします。${kind.closing}`,
    '',
    '記',
    '',
    `1. 日時　${date || UNKNOWN}`,
    `2. 場所　${placeOf(source) ?? UNKNOWN}`,
    `3. 内容　${shorten(plain(material), 120) || UNKNOWN}`,
    `4. 問い合わせ先　〇〇市〇〇課　電話 ${UNKNOWN}`,
    '',
    '以上',
  ].join('\n');
}

/** What the letter is about: the words before 「…の文案」 and the like, else the request's own keywords. */
function subjectOf(instruction: string, source: string): string {
  const named =
    /([^\s、。「」]{2,40}?)(?:に関する|について|を知らせる|を案内する|の)(?:の)?(?:文案|文面|通知|案内|お知らせ|依頼)/u.exec(
      instruction,
    )?.[1];
  return plain(named ?? keywordsOf(source, 2).join('・')) || '標記の件';
}

function placeOf(source: string): string | undefined {
  const [, named, building] = PLACE.exec(source) ?? [];
  return (named ?? building)?.replace(/(?:です|となります|にて|で)$/u, '');
}

function addresseeOf(source: string): string {
  if (/職員|庁内|各課|所属/u.test(source)) return '各所属長 様';
  if (/保護者/u.test(source)) return '保護者の皆様';
  if (/事業者|企業|会社/u.test(source)) return '事業者の皆様';
  if (/自治会|町内会/u.test(source)) return '自治会長の皆様';
  return '市民の皆様';
}
