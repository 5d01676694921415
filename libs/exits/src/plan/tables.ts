/** How a sealed column is opened for the export: what it becomes, and the row id it was sealed for. */
export interface SealedColumn {
  readonly column: string;
  readonly as: string;
  /** Columns whose values, joined by a slash, were the row id; `id` unless said. */
  readonly rowId?: readonly string[];
  /** The text is JSON and is written as such. */
  readonly json?: boolean;
}

/** What the city takes along of a table. Columns its own members may not read (database grants) are never in it. */
export type Taken =
  | {
      /** In the index of the export. */
      readonly label: string;
      /** Also as CSV, for a spreadsheet. */
      readonly csv?: boolean;
      readonly sealed?: readonly SealedColumn[];
      /** Secrets and what serves to find equal ones. */
      readonly withheld?: readonly string[];
    }
  | { readonly leftOut: string };

/** What becomes of a table's rows when the city is removed. */
export type Fate =
  | 'removed'
  | {
      readonly kept: string;
      /** Rows that are removed all the same. */
      readonly except?: string;
      /** What points to people of the city, and what it is replaced by (SQL). */
      readonly severed?: Readonly<Record<string, string>>;
    };

export interface TablePlan {
  readonly taken: Taken;
  readonly fate: Fate;
}

const TRANSPORT = '処理待ちの順番を決める作業用の記録で、内容を持たない';
const VENDOR_BOOKS = '事業者の帳簿（国税関係帳簿書類の保存義務。内容は含まない）';
const EXIT_RECORD = '退会の記録そのもの（証明書の根拠）';
const CREDENTIALS = '認証のための秘密の値';
const OWN_ARCHIVE = '書き出したデータそのもの';

const removed = (taken: Taken): TablePlan => ({ taken, fate: 'removed' });
const leftOut = (reason: string): Taken => ({ leftOut: reason });
const kept = (reason: string, taken: Taken, more: Omit<Exclude<Fate, string>, 'kept'> = {}): TablePlan => ({
  taken,
  fate: { kept: reason, ...more },
});

/**
 * Every table with rows of a city: what the city takes along and what becomes of it. A spec holds this against the
 * catalogue, so that a new table cannot be forgotten.
 */
export const TABLES: Readonly<Record<string, TablePlan>> = {
  departments: removed({ label: '所属', csv: true }),
  department_versions: removed({ label: '所属の履歴', csv: true }),
  members: removed({ label: '職員', csv: true, withheld: ['password_hash', 'login_id_key'] }),
  member_postings: removed({ label: '職員の配属の履歴', csv: true }),
  member_invitations: removed(leftOut(CREDENTIALS)),
  purposes: removed({ label: '事務', csv: true }),
  segment_policies: removed({ label: 'ネットワークごとの設定' }),
  tenant_data_keys: removed(leftOut(CREDENTIALS)),
  identity_providers: removed(leftOut('団体の認証基盤に登録した側の設定の写し。秘密の値を含む')),
  member_identities: removed({ label: '職員と認証基盤の対応', csv: true }),
  sso_requests: removed(leftOut(CREDENTIALS)),
  spent_assertions: removed(leftOut(CREDENTIALS)),
  member_factors: removed(leftOut(CREDENTIALS)),
  member_recovery_codes: removed(leftOut(CREDENTIALS)),
  member_provisionings: removed(leftOut('認証基盤からの同期の状態。元は団体の認証基盤にある')),
  provisioned_roles: removed(leftOut('認証基盤からの同期の設定の写し。元は団体の認証基盤にある')),
  sessions: removed(leftOut(CREDENTIALS)),
  sign_in_attempts: removed(leftOut(CREDENTIALS)),
  api_keys: removed({ label: 'APIキー（秘密の値を除く）', csv: true, withheld: ['secret_hash'] }),
  conversations: removed({ label: '会話', sealed: [{ column: 'title_sealed', as: 'title' }] }),
  jobs: removed({
    label: '質問と回答',
    sealed: [
      { column: 'input_sealed', as: 'input', json: true },
      { column: 'output_sealed', as: 'output' },
    ],
    withheld: ['request_fingerprint', 'worker_address'],
  }),
  batches: removed({
    label: '一括処理',
    sealed: [
      { column: 'name_sealed', as: 'name' },
      { column: 'columns_sealed', as: 'columns', json: true },
      { column: 'template_sealed', as: 'template' },
    ],
    withheld: ['plan_fingerprint'],
  }),
  batch_rows: removed({
    label: '一括処理の行',
    sealed: [{ column: 'cells_sealed', as: 'cells', rowId: ['batch_id', 'row'], json: true }],
  }),
  templates: removed({
    label: 'テンプレート',
    sealed: [
      { column: 'title_sealed', as: 'title' },
      { column: 'body_sealed', as: 'body' },
      { column: 'note_sealed', as: 'note' },
    ],
  }),
  ownerless_rules: removed({ label: '退職・異動した職員の会話の扱い' }),
  handovers: removed({ label: '会話の引き継ぎの記録', csv: true }),
  budgets: removed({ label: '月ごとの利用上限', csv: true }),
  budget_allotments: removed({ label: '所属・職員の利用上限', csv: true }),
  budget_notices: removed({ label: '上限の通知', csv: true }),
  budget_notice_dismissals: removed(leftOut('通知を閉じたという画面の状態')),
  budget_items: removed({ label: '予算科目', csv: true }),
  top_up_requests: removed({ label: '上限追加の申請', csv: true }),
  reservations: removed({ label: '利用量の予約', csv: true }),
  usage_records: removed({ label: '利用実績', csv: true }),
  usage_corrections: removed(leftOut('事業者の帳簿。訂正の結果は請求書に記載される')),
  lost_calls: removed(leftOut('途切れた呼び出しの照合のための作業用の記録。結果は利用実績に含まれる')),
  admission_entries: removed(leftOut(TRANSPORT)),
  admission_shares: removed(leftOut(TRANSPORT)),
  admission_queues: removed(leftOut(TRANSPORT)),
  admission_lines: removed(leftOut(TRANSPORT)),
  audit_heads: removed({ label: '監査証跡の末尾' }),
  audit_entries: removed({ label: '監査証跡', csv: true }),
  city_activity: removed(leftOut('運用画面のための集計')),
  city_hours: removed(leftOut('運用画面のための集計')),
  content_accesses: removed({ label: '運用者による内容閲覧の依頼', csv: true }),
  roster_imports: removed({ label: '職員名簿の取り込み', csv: true }),
  roster_files: removed({ label: '取り込んだ名簿のファイル' }),
  roster_changes: removed({ label: '名簿の取り込みによる変更' }),
  roster_faults: removed({ label: '名簿の取り込みの誤り' }),
  notice_reads: removed(leftOut('お知らせを読んだという画面の状態')),
  mails: removed(leftOut('通知メールの送信の記録。送り終えた件名と本文は残らない')),
  mail_refusals: removed(leftOut('受け取らない通知メールの設定')),
  first_steps: removed(leftOut('はじめかたの一覧を閉じたという画面の状態')),
  invoice_events: removed(leftOut('事業者の帳簿。請求書に対する団体の操作は監査証跡に含まれる')),
  invoice_archive_files: removed(leftOut('請求書のPDFをまとめて渡すための、1日限りの写し')),
  data_exports: removed(leftOut(OWN_ARCHIVE)),
  data_export_files: removed(leftOut(OWN_ARCHIVE)),
  data_export_chunks: removed(leftOut(OWN_ARCHIVE)),
  exit_canaries: removed(leftOut('削除後の確認に使う照合値')),
  invoices: kept(
    '発行済みの請求書（消費税法・法人税法による保存義務）',
    { label: '請求書', csv: true },
    {
      except: 'number IS NULL',
      severed: {
        accepted_by: 'NULL',
        disputed_by: 'NULL',
        dispute: `CASE WHEN dispute IS NULL THEN NULL ELSE '（退会に伴い削除）' END`,
      },
    },
  ),
  contracts: kept(VENDOR_BOOKS, { label: '契約', csv: true }, { severed: { base_fee_department_id: 'NULL' } }),
  contract_terms: kept(VENDOR_BOOKS, { label: '契約の条件', csv: true }),
  contract_endings: kept(VENDOR_BOOKS, leftOut('事業者の社内の承認の記録')),
  council_members: kept(VENDOR_BOOKS, { label: '協議会への参加', csv: true }),
  period_usage: kept(VENDOR_BOOKS, leftOut('請求書の明細のもとになる集計。請求書に記載される')),
  city_exits: kept(EXIT_RECORD, leftOut(EXIT_RECORD)),
  exit_deletions: kept(EXIT_RECORD, leftOut(EXIT_RECORD)),
  exit_judgements: kept(EXIT_RECORD, leftOut(EXIT_RECORD)),
  exit_certificates: kept(EXIT_RECORD, leftOut(EXIT_RECORD)),
};

/** What is known of the city for good, besides the tables that are kept. */
export const ALSO_KEPT: readonly { readonly what: string; readonly reason: string }[] = [
  { what: '団体コード・団体名・利用の開始と終了の日（tenants）', reason: '契約があったことの記録' },
  {
    what: '事業者の監査証跡にある、この団体に対する運用者の操作',
    reason: '改ざん検知のため一部だけを消せない。内容は含まない',
  },
  { what: '災害時の優先開放のお知らせにある団体名', reason: '全団体に公表した記録' },
];
