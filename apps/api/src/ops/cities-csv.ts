import type { CityState } from '#libs/tenancy';
import { type Column, csvOf, tableOf } from '#libs/spreadsheet';

const STAGES: Readonly<Record<CityState['stage'], string>> = {
  active: '稼働',
  trial: '試行',
  suspended: '停止',
  frozen: '凍結',
  deleting: '削除中',
  deleted: '退会済み',
};

const COLUMNS: readonly Column<CityState>[] = [
  { header: '団体コード', kind: 'text', of: ({ code }) => code },
  { header: '団体名', kind: 'text', of: ({ name }) => name },
  { header: '状態', kind: 'text', of: ({ stage }) => STAGES[stage] },
  { header: '状態の理由', kind: 'text', of: ({ statusReason }) => statusReason ?? '' },
  { header: '契約終了日', kind: 'text', of: ({ contractEndsOn }) => contractEndsOn ?? '契約なし' },
  { header: '試行最終日', kind: 'text', of: ({ trialEndsOn }) => trialEndsOn ?? '' },
  { header: '職員数', kind: 'integer', of: ({ members }) => members },
  { header: '今月の使用トークン', kind: 'integer', of: ({ month }) => month.usedTokens },
  { header: '今月の上限トークン', kind: 'integer', of: ({ month }) => month.limitTokens },
  { header: '順番待ち', kind: 'integer', of: ({ jobs }) => jobs.waiting },
  { header: '処理中', kind: 'integer', of: ({ jobs }) => jobs.running },
  { header: '停止による保留', kind: 'integer', of: ({ jobs }) => jobs.held },
  { header: '24時間の処理', kind: 'integer', of: ({ day }) => day.ended },
  { header: '24時間の失敗', kind: 'integer', of: ({ day }) => day.failed },
  { header: '7日間の処理', kind: 'integer', of: ({ week }) => week.ended },
  { header: '7日間の失敗', kind: 'integer', of: ({ week }) => week.failed },
  { header: '最終利用', kind: 'text', of: ({ lastActivityAt }) => lastActivityAt?.toISOString() ?? '' },
];

/** The vendor's list of cities for a spreadsheet. */
export const citiesCsv = (cities: readonly CityState[]): string => csvOf(tableOf('団体', COLUMNS, cities));
