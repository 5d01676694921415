import type { ChainFault, ChainFaultKind, ChainReport, VerificationReport } from '#libs/audit';

export interface City {
  /** Null for the vendor's own chain. */
  readonly code: string | null;
  readonly name: string;
}

const FAULTS: Record<ChainFaultKind, string> = {
  edited: '記録の内容が書き換えられています',
  removed: '記録が削除されています',
  reordered: '記録の順序が入れ替えられているか、記録が差し込まれています',
  relinked: '記録が直前の記録につながっていません',
  head_mismatch: '末尾の記録が、控えの指す末尾と一致しません',
  head_missing: '末尾の控えが削除されています',
  rewritten: 'アンカーの時点の記録と一致しません（記録が作り直されています）',
  truncated: 'アンカーの時点にあった記録がありません（末尾が切り捨てられています）',
};

const positions = ({ sequence, through }: ChainFault): string =>
  through === undefined || through === sequence ? `${sequence}番` : `${sequence}〜${through}番`;

function describeChain(chain: ChainReport, city: City | undefined): string[] {
  const name = city ? `${city.name}${city.code ? ` (${city.code})` : ''}` : `登録のない団体 (${chain.tenantId})`;
  const intact = chain.endedAt === null ? '異常なし' : `退会により削除（末尾は${chain.endedAt}番）`;
  const verdict = chain.faultCount === 0 ? intact : `改ざんの疑い ${chain.faultCount}件`;
  const hidden = chain.faultCount - chain.faults.length;
  return [
    `${name}: 記録 ${chain.entries}件、照合したアンカー ${chain.anchors}件 … ${verdict}`,
    ...chain.faults.map((fault) => `  - ${positions(fault)}: ${FAULTS[fault.kind]}`),
    ...(hidden > 0 ? [`  - ほか ${hidden}件`] : []),
  ];
}

function describeAnchors(anchors: VerificationReport['anchors']): string[] {
  if (!anchors)
    return [
      '注意: アンカーファイルがないため、末尾の切り捨てと、記録全体の作り直しは検出できません。--anchor で指定してください。',
    ];
  const { lines, unreadable, broken } = anchors;
  return [
    `アンカーファイル: ${lines}行 … ${broken.length === 0 ? '異常なし' : `改ざんの疑い ${broken.length}か所`}`,
    ...broken.map((line) => `  - ${line}行目の前: 行が削除、追加、または書き換えられています`),
    ...(unreadable > 0
      ? [`  - 途中で切れた行 ${unreadable}行（書き込み中の停止によるもの。改ざんではありません）`]
      : []),
  ];
}

/** The finding in the words of the auditor who reads it, ending with a line feed. */
export function describeReport(report: VerificationReport, cities: ReadonlyMap<string, City>): string {
  const lines = [
    ...report.chains.flatMap((chain) => describeChain(chain, cities.get(chain.tenantId))),
    ...(report.chains.length === 0 ? ['監査証跡の記録はまだありません。'] : []),
    ...describeAnchors(report.anchors),
    report.intact ? '結果: 改ざんは見つかりませんでした。' : '結果: 改ざんの疑いがあります。',
  ];
  return `${lines.join('\n')}\n`;
}
