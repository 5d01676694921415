import { type Assignment, keywordsOf, plain, sentencesOf, shorten } from './japanese-text.ts';

const STEPS = [
  ['目的と対象の確認', 'だれの、何のための作業かを一文で書き出します。'],
  ['根拠の確認', '関係する法令、例規、要綱と、前回の起案を確かめます。'],
  ['資料の準備', '必要な様式と添付書類をそろえ、不足を原課に照会します。'],
  ['起案と決裁', '案を作り、関係課に合議したうえで決裁を受けます。'],
  ['実施と記録', '決裁のとおりに行い、日付と担当者を記録します。'],
  ['確認と保存', '結果を確かめ、保存期間を定めて文書を保存します。'],
] as const;

/** A table of what was sent when one is asked for, a numbered procedure for 手順, else bullets. */
export function listItems({ instruction, material }: Assignment): string {
  const given = itemsOf(material);
  const topic = keywordsOf(instruction, 2).join('・') || 'ご依頼の内容';
  if (/手順|流れ|進め方/u.test(instruction)) return procedure(topic, given);
  const rows = given.length > 0 ? given : STEPS.map(([name, text]) => `${name}：${text}`);
  if (/一覧|表/u.test(instruction)) return table(topic, rows);
  return [`## ${topic}`, '', ...rows.map((row) => `- ${row}`)].join('\n');
}

function procedure(topic: string, given: readonly string[]): string {
  const steps = given.length > 0 ? given : STEPS.map(([name, text]) => `**${name}**　${text}`);
  return [`## ${topic}の手順`, '', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n');
}

function table(topic: string, rows: readonly string[]): string {
  const cells = rows.map((row, index) => {
    const [, name = row, text = ''] = /^(.{1,40}?)[：:、,]\s*(.+)$/u.exec(row) ?? [];
    return `| ${index + 1} | ${name} | ${text || '―'} |`;
  });
  return [`## ${topic}の一覧`, '', '| 番号 | 項目 | 内容 |', '| ---: | --- | --- |', ...cells].join('\n');
}

/** The lines of the material, or its sentences when it is one paragraph; list marks are dropped. */
function itemsOf(material: string): string[] {
  const lines = material.split('\n').filter((line) => line.trim() !== '');
  return (lines.length > 1 ? lines : sentencesOf(material))
    .map((line) => shorten(plain(line.replace(/^\s*(?:[-*・•●○]|[0-9０-９]+[.．)）、])\s*/u, '')), 100))
    .filter((line) => line !== '')
    .slice(0, 20);
}
