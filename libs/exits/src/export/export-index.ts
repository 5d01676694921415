import type { TableFacts } from '../plan/catalogue.ts';
import { TABLES } from '../plan/tables.ts';
import type { ExportFile } from './export-files.ts';

export interface ExportFacts {
  readonly exportId: string;
  readonly city: { readonly code: string; readonly name: string };
  readonly segment: string;
  readonly requestedAt: string;
}

const SEGMENT_NAMES: Record<string, string> = {
  lgwan: 'LGWAN接続系',
  my_number: '個人番号利用事務系',
  internet: 'インターネット接続系',
};

/** What is in the archive, what is not and why, and the hash of every file. The index of the archive's files but itself. */
export const manifestOf = (facts: ExportFacts, tables: readonly TableFacts[], files: readonly ExportFile[]): string =>
  `${JSON.stringify(
    {
      format: 'moyai.export/1',
      ...facts,
      files: files.map(({ path, bytes, rows, sha256 }) => ({ path, bytes, ...(rows !== null && { rows }), sha256 })),
      tables: tables.map(({ name, columns }) => {
        const { taken } = TABLES[name]!;
        if ('leftOut' in taken) return { name, leftOut: taken.leftOut };
        const { label, sealed = [], withheld = [] } = taken;
        return {
          name,
          label,
          columns: [
            ...columns
              .filter(
                (column) =>
                  column.isReadable &&
                  !withheld.includes(column.name) &&
                  !sealed.some((one) => one.column === column.name),
              )
              .map(({ name: column, type }) => ({ name: column, type })),
            ...sealed.map(({ as, json }) => ({ name: as, type: json ? 'json' : 'text' })),
          ],
          withheld,
        };
      }),
    },
    null,
    2,
  )}\n`;

/** For people: what the files are and how to check them. */
export function readmeOf({ city, segment, requestedAt }: ExportFacts, files: readonly ExportFile[]): string {
  const labels = Object.entries(TABLES).flatMap(([name, { taken }]) =>
    'leftOut' in taken ? [] : [`  ${name.padEnd(28)}${taken.label}`],
  );
  const omitted = Object.entries(TABLES).flatMap(([name, { taken }]) =>
    'leftOut' in taken ? [`  ${name.padEnd(28)}${taken.leftOut}`] : [],
  );
  return `もやい データの書き出し
${city.name}（団体コード ${city.code}）
ネットワーク: ${SEGMENT_NAMES[segment] ?? segment}
書き出しの依頼: ${requestedAt}
ファイル数: ${files.length}

■ 入っているもの
data/*.jsonl          表ごとの全行。1行が1件のJSON（UTF-8、日時はISO 8601）。質問・回答などの本文は暗号化を解いてあります
csv/*.csv             表計算ソフトで開ける形（UTF-8、BOM付き）。数式として解釈される文字で始まる値には ' を付けています
files/batches/*.csv   一括処理に登録したファイル
invoices/*            請求書（PDF、JSON、JP PINT（XML）、XLSX）
manifest.json         全ファイルのSHA-256、件数、列の名前と型、含めなかったものとその理由

このネットワークから見える情報だけが入っています。ほかのネットワークの情報は、そのネットワークから受け取ってください。

■ 表の内容
${labels.join('\n')}

■ 含めていないもの
${omitted.join('\n')}

■ 改ざんされていないことの確かめ方
1. manifest.json の sha256 と、各ファイルの SHA-256 が一致することを確かめます（例: sha256sum data/jobs.jsonl）。
2. 監査証跡（data/audit_entries.jsonl）は連鎖しています。各行について、次の値の SHA-256 が hash に一致し、
   previous_hash が1行前の hash に一致します。最初の行の previous_hash は SHA-256("moyai.audit:" + tenant_id) です。
     previous_hash のバイト列 ‖ tenant_id, sequence, id, occurred_at（1970年からのマイクロ秒）, actor_type, actor_id,
     action, subject_type, subject_id, segment, outcome, details を、それぞれ「バイト数:値」（値がなければ「-」）にしてつないだもの
   最後の行の hash は data/audit_heads.jsonl の hash に一致します。
`;
}
