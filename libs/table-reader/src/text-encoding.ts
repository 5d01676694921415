import { isEucJp } from './euc-jp.ts';
import { TableRefused } from './table.ts';

const UTF_8_MARK = [0xef, 0xbb, 0xbf];

/** What ISO-2022-JP goes over to other characters with. It is of seven bits, so that it is valid UTF-8 too. */
const SHIFT = /\u001b(?:\$[@B]|\$\([@A-D]|\([BIJ])/;

/**
 * Text of a CSV file. UTF-8 proves itself: other encodings of eight bits hardly ever are valid UTF-8. What is not is read as
 * Shift_JIS with Microsoft's extensions (CP932), which is what Excel saves as CSV in Japan.
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: 'utf-8' | 'shift_jis' } {
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]))
    throw new TableRefused(
      'unreadable',
      '文字コードが UTF-16 です。Excel では「CSV UTF-8（コンマ区切り）」を選んで保存し直してください。',
    );
  // A mark promises UTF-8: what breaks it is damage, not another encoding
  const marked = startsWith(bytes, UTF_8_MARK);
  const utf8 = decode('utf-8', bytes);
  if (utf8 !== null && !marked && SHIFT.test(utf8)) throw inOther('ISO-2022-JP（JIS）です');
  if (utf8 !== null) return { text: plain(utf8), encoding: 'utf-8' };
  const shiftJis = marked ? null : decode('shift_jis', bytes);
  if (!marked && isEucJp(bytes, shiftJis)) throw inOther('EUC-JP とみられます');
  if (shiftJis !== null) return { text: plain(shiftJis), encoding: 'shift_jis' };
  throw new TableRefused(
    'unreadable',
    '文字コードを判別できません。UTF-8 または Shift_JIS（CP932）の CSV ファイルにしてください。',
  );
}

const inOther = (encoding: string): TableRefused =>
  new TableRefused('unreadable', `文字コードが ${encoding}。UTF-8 または Shift_JIS（CP932）で保存し直してください。`);

function decode(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function plain(text: string): string {
  if (!text.includes('\0')) return text;
  throw new TableRefused('unreadable', 'CSV または XLSX のファイルではありません。');
}

const startsWith = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);
