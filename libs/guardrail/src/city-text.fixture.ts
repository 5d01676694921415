/** Lines as they stand in a city's letters, tables, registers and logs, full of numbers, none of them a 個人番号. */

/** A small seeded generator (mulberry32): the corpus is the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Numbers {
  constructor(private readonly random: () => number) {}

  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }
  digits(count: number): string {
    return Array.from({ length: count }, () => this.between(0, 9)).join('');
  }
  pad(low: number, high: number, width = 2): string {
    return String(this.between(low, high)).padStart(width, '0');
  }
  amount(digits: number): string {
    return Number(`${this.between(1, 9)}${this.digits(digits - 1)}`).toLocaleString('en-US');
  }
  /** A count as tables hold them: one to five digits, each length as likely. */
  count(): string {
    return String(this.between(1, 10 ** this.between(1, 5) - 1));
  }
  phone(): string {
    return `0742-${this.digits(2)}-${this.digits(4)}`;
  }
  date(separator: string): string {
    return [this.between(1990, 2030), this.pad(1, 12), this.pad(1, 28)].join(separator);
  }
  time(): string {
    return `${this.pad(8, 19)}:${this.pad(0, 59)}`;
  }
  many<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }
}

type Line = (n: Numbers) => string;

export const CITY_TEXT: Record<string, Line> = {
  'amounts in prose': (n) =>
    `令和${n.between(1, 8)}年度の歳入は${n.amount(n.between(4, 12))}千円、歳出は${n.amount(n.between(4, 12))}円でした。`,
  'an amount without commas': (n) => `予算総額 ${n.digits(12)}円（うち繰越 ${n.digits(9)}円）`,
  'a row of amounts': (n) => `${n.between(1, 99)}款 ${n.many(4, () => n.amount(n.between(3, 9))).join(' ')}`,
  'a column of amounts': (n) => n.many(n.between(3, 8), () => n.amount(n.between(4, 7))).join('\n'),
  'a column of plain numbers': (n) => n.many(n.between(3, 12), () => n.count()).join('\n'),
  'a row of plain numbers': (n) => `地区別 ${n.many(n.between(3, 8), () => n.count()).join(' ')}`,
  'a row of three four-digit numbers': (n) => `地区別 ${n.many(3, () => String(n.between(1000, 9999))).join(' ')}`,
  'a table with tabs': (n) => n.many(4, () => n.many(5, () => String(n.between(1000, 9999))).join('\t')).join('\n'),
  'a Markdown table': (n) =>
    n.many(3, (i) => `| ${2019 + i} | ${n.many(4, () => String(n.between(10, 9999))).join(' | ')} |`).join('\n'),
  'years across': (n) => n.many(n.between(3, 7), (i) => String(2015 + i)).join(n.between(0, 1) ? ' ' : '\t'),
  'years down': (n) => n.many(n.between(3, 7), (i) => String(2015 + i)).join('\n'),
  'twelve months across': (n) => n.many(12, () => String(n.between(0, 250))).join(' '),
  'a calendar': () => '1 2 3 4 5 6 7\n8 9 10 11 12 13 14\n15 16 17 18 19 20 21\n22 23 24 25 26 27 28\n29 30 31',
  'phone and fax': (n) => `電話 ${n.phone()}（内線${n.digits(4)}） FAX ${n.phone()}`,
  'phones of a list': (n) => n.many(3, () => `${n.phone()} 090-${n.digits(4)}-${n.digits(4)}`).join('\n'),
  'local phones': (n) => n.many(n.between(2, 4), () => `${n.digits(2)}-${n.digits(4)}`).join('\n'),
  'an international phone': (n) => `Tel: +81-742-${n.digits(2)}-${n.digits(4)} / +8190${n.digits(8)}`,
  'an address': (n) =>
    `〒${n.digits(3)}-${n.digits(4)} 奈良市二条大路南${n.between(1, 9)}丁目${n.between(1, 30)}-${n.between(1, 40)}`,
  'postal code and phone': (n) => `630-${n.digits(4)} ${n.phone()}`,
  'dates and times': (n) => `${n.date('/')} ${n.time()}〜${n.time()}、${n.date('-')} ${n.time()}、${n.date('.')}`,
  'a log line': (n) =>
    `${n.date('-')}T${n.time()}:${n.pad(0, 59)}.${n.digits(3)}+09:00 10.${n.between(0, 255)}.0.${n.between(1, 254)} ${n.digits(5)}`,
  'a time stamp in two groups': (n) => `バックアップ ${n.date('')} ${n.pad(0, 23)}${n.pad(0, 59)} 完了`,
  'a time stamp in one group': (n) => `処理日時：${n.date('')}${n.pad(0, 23)}${n.pad(0, 59)}`,
  'a network address': (n) => n.many(4, () => String(n.between(100, 255))).join('.'),
  'a document number': (n) =>
    `奈総政第${n.digits(3)}号 文書番号：${n.date('').slice(0, 4)}-${n.digits(4)}-${n.digits(4)}`,
  'a reception number': (n) => `受付番号 ${n.digits(12)} 整理番号：${n.digits(4)}-${n.digits(4)}-${n.digits(4)}`,
  'a dated reception number': (n) => `${n.date('')}-${n.digits(4)}`,
  'a serial number of the year': (n) => `${n.between(2010, 2030)}-${n.digits(8)}`,
  'a corporate number': (n) => `法人番号${n.digits(13)} 登録番号T${n.digits(13)}`,
  'a company register number': (n) => `会社法人等番号 ${n.digits(4)}-${n.digits(2)}-${n.digits(6)}`,
  'an account': (n) => `振込先 南都銀行 本店（${n.digits(3)}） 普通 ${n.digits(7)} 納付番号 ${n.digits(12)}`,
  'a card': (n) => n.many(4, () => n.digits(4)).join(n.between(0, 1) ? ' ' : '-'),
  'a parcel': (n) => `お問い合わせ番号 ${n.digits(4)}-${n.digits(4)}-${n.digits(4)}（ヤマト運輸）`,
  'a UUID': (n) => `${n.digits(8)}-${n.digits(4)}-4${n.digits(3)}-8${n.digits(3)}-${n.digits(12)}`,
  'a driving licence': (n) => `運転免許証番号：${n.digits(12)}`,
  'percentages and fractions': (n) =>
    `${n.between(0, 99)}.${n.digits(2)}% ${n.between(0, 9)}.${n.digits(4)} ${n.between(0, 99)}/${n.between(1, 99)}`,
  'an article of law': (n) =>
    `第${n.between(1, 99)}条第${n.between(1, 9)}項第${n.between(1, 9)}号、平成二十五年法律第二十七号 一・二・三`,
  'a numbered list': (n) => n.many(6, (i) => `${'①②③④⑤⑥'[i]}${n.between(1, 20)}件`).join('\n'),
  'a kanji date': (n) => `二〇二${n.between(0, 9)}年一一月二${n.between(0, 9)}日　午前一〇時三〇分`,
  'twelve digits without a word': (n) => `照会 ${n.digits(12)} について`,
  'a survey': (n) => `問${n.between(1, 20)} ${n.many(5, () => String(n.between(1, 5))).join(',')}`,
};

/** One line, or a few lines of one table, of the named kind. */
export const cityText = (kind: string, random: () => number): string => CITY_TEXT[kind]!(new Numbers(random));
