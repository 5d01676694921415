import { Temporal } from 'temporal-polyfill';
import { printPdf } from '#libs/billing';
import type { ExitCertificate } from './certificate.ts';

const instant = (at: string): string => {
  const { year, month, day, hour, minute } = Temporal.Instant.from(at).toZonedDateTimeISO('Asia/Tokyo');
  return `${year}年${month}月${day}日 ${hour}:${String(minute).padStart(2, '0')}`;
};
const day = (on: string): string => {
  const { year, month, day: date } = Temporal.PlainDate.from(on);
  return `${year}年${month}月${date}日`;
};
const cell = (text: string) => ({ text, style: 'cell' });
const head = (text: string) => ({ text, style: 'head' });

const table = (heads: readonly string[], widths: (number | '*' | 'auto')[], rows: readonly (readonly string[])[]) => ({
  table: { headerRows: 1, dontBreakRows: true, widths, body: [heads.map(head), ...rows.map((row) => row.map(cell))] },
  layout: 'ledger',
});

const facts = (rows: readonly (readonly [string, string])[]) => ({
  table: { headerRows: 0, dontBreakRows: true, widths: [130, '*' as const], body: rows.map((row) => row.map(cell)) },
  layout: 'facts',
});

const clearedNote = {
  text: '職員の氏名などと同じ文字列のうち、次のものは、貴団体のデータではないことを、当方の担当者2名が確かめました。',
  style: 'note',
};
const clearedTable = (cleared: NonNullable<ExitCertificate['scan']['cleared']>) =>
  table(
    ['場所', '件数', '理由', '確認'],
    [120, 40, '*', 110],
    cleared.map(({ place, column, count, reason, confirmedAt }) => [
      `${place}\n${column}`,
      count.toLocaleString('ja-JP'),
      reason,
      instant(confirmedAt),
    ]),
  );

/** 退会・データ削除証明書 as it is sent to the city: printed from the certificate alone, the same bytes each time. */
export function certificatePdf(certificate: ExitCertificate, sha256: string): Promise<Buffer> {
  const { city, removed, kept, key, scan, manifests, auditChain } = certificate;
  const total = removed.reduce((sum, { count }) => sum + count, 0);
  return printPdf({
    title: `データ削除証明書_${city.code}`,
    subject: 'データ削除証明書',
    author: certificate.issuer ?? 'もやい運営事業者',
    sha256,
    dated: new Date(certificate.issuedAt),
    content: [
      { text: 'データ削除証明書', style: 'title' },
      { text: `${city.name}　御中`, style: 'recipient' },
      {
        text: '貴団体の退会に伴い、当方が「もやい」でお預かりしていたデータを次のとおり削除し、残っていないことを確認したことを証明します。',
        margin: [0, 10, 0, 8],
      },
      facts([
        ['団体コード', city.code],
        ['証明書番号', certificate.exitId],
        ['契約の終了日', certificate.contractEndsOn ? day(certificate.contractEndsOn) : '契約の登録なし'],
        ['団体の同意', instant(certificate.agreedAt)],
        ['利用の停止（凍結）', instant(certificate.frozenAt)],
        ['データの書き出し', instant(certificate.exportedAt)],
        ['データの引き渡し', instant(certificate.handedOverAt)],
        ['待機期間', `${certificate.waitingDays}日（${day(certificate.deleteFrom)}から削除可能）`],
        ['削除の開始', instant(certificate.deletionStartedAt)],
        ['削除と確認の完了', instant(certificate.deletedAt)],
      ]),
      { text: '1. 削除したデータ', style: 'subheading' },
      table(
        ['種類', '記録上の名称', '件数'],
        ['*', 160, 80],
        [
          ...removed.map(({ label, place, count }) => [label, place, count.toLocaleString('ja-JP')]),
          ['合計', '', total.toLocaleString('ja-JP')],
        ],
      ),
      { text: '2. 暗号鍵の破棄', style: 'subheading' },
      facts([
        ['鍵の識別子', key.wrappingKeyId],
        ['破棄', instant(key.destroyedAt)],
        ['取り消せなくなる時点', instant(key.finalAt)],
      ]),
      {
        text: '質問・回答・文書などの内容は、この団体だけの鍵で暗号化して保存していました。鍵を破棄したため、過去のバックアップを復元しても内容を読むことはできません。',
        style: 'note',
      },
      { text: '3. 残存の確認', style: 'subheading' },
      facts([
        ['確認した場所', `${scan.places.toLocaleString('ja-JP')}か所（全表、待ち行列、鍵の保管場所）`],
        ['照合した値', `${scan.values.toLocaleString('ja-JP')}件`],
        ['見つかったもの', `${scan.found}件`],
      ]),
      ...(scan.cleared ? [clearedNote, clearedTable(scan.cleared)] : []),
      { text: '4. 法令等により保存するもの', style: 'subheading' },
      table(
        ['保存するもの', '理由'],
        [180, '*'],
        kept.map(({ what, reason }) => [what, reason]),
      ),
      { text: '5. 照合のためのハッシュ値（SHA-256）', style: 'subheading' },
      facts([
        ...manifests.map(({ segment, sha256: hash }) => [`書き出しの目録（${segment}）`, hash] as const),
        ['削除件数の一覧', certificate.removalSha256],
        ...(auditChain ? [[`監査証跡の末尾（第${auditChain.sequence}件）`, auditChain.sha256] as const] : []),
        ['この証明書のデータ', sha256],
      ]),
      {
        stack: [
          { text: `発行日　${instant(certificate.issuedAt)}`, margin: [0, 18, 0, 4] },
          { text: `発行者　${certificate.issuer ?? '＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿'}` },
          { text: '責任者　＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿　印', margin: [0, 10, 0, 0] },
        ],
        unbreakable: true,
      },
    ],
  });
}
