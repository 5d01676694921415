import { TableRefused } from './table.ts';

const UTF_8_MARK = [0xef, 0xbb, 0xbf];

/**
 * Text of a CSV file. UTF-8 proves itself: other encodings hardly ever are valid UTF-8. What is not is read as Shift_JIS
 * with Microsoft's extensions (CP932), which is what Excel saves as CSV in Japan.
 */
export function decodeText(bytes: Uint8Array): { text: string; encoding: 'utf-8' | 'shift_jis' } {
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]))
    throw new TableRefused(
      'unreadable',
      '文字コードが UTF-16 です。Excel では「CSV UTF-8（コンマ区切り）」を選んで保存し直してください。',
    );
  const utf8 = decode('utf-8', bytes);
  if (utf8 !== null) return { text: plain(utf8), encoding: 'utf-8' };
  // A mark promises UTF-8: what breaks it is damage, not another encoding
  const shiftJis = startsWith(bytes, UTF_8_MARK) ? null : decode('shift_jis', bytes);
  if (shiftJis !== null) return { text: plain(shiftJis), encoding: 'shift_jis' };
  throw new TableRefused(
    'unreadable',
    '文字コードを判別できません。UTF-8 または Shift_JIS（CP932）の CSV ファイルにしてください。',
  );
}

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
