/**
 * Everything a route can ask for, with what it lets people do. `:own` and department limits are the business of whoever
 * reads the rows.
 */
export const PERMISSION_WORDS = {
  'session:own': '自分のセッション、プロフィール、お知らせを扱う',
  'job:create': '生成AIに質問する',
  'job:read': '自分の質問と回答を読む',
  'job:cancel': '自分の質問を取り消す',
  'conversation:read': '自分の会話を読む',
  'conversation:write': '自分の会話の名前を変え、削除する',
  'batch:read': '自分の一括処理と結果を見る',
  'batch:write': '一括処理を登録し、実行し、取り消す',
  'template:read': '自分のテンプレートと、所属・全庁のテンプレートを使う',
  'template:write': 'テンプレートを作り、変更し、削除する（所属のものは所属長、全庁のものは管理者に限る）',
  'model:read': '使えるモデルの一覧を見る',
  'purpose:read': '使える事務の一覧を見る',
  'purpose:write': '事務を登録し、利用の可否を決める',
  'department:read': '所属の一覧を見る',
  'department:write': '所属を登録し、変更する',
  'member:read': '職員の一覧を見る',
  'member:write': '職員を登録し、変更し、パスワードを再発行する',
  'handover:read': '退職・異動した職員が残した会話などの件数と、引き継ぎの記録を見る（本文は見えない）',
  'handover:write': '退職・異動した職員の会話などを後任に引き継ぎ、その扱いを決める（本文は見えない）',
  'identity-provider:read': 'サインイン連携（認証基盤）の設定を見る',
  'identity-provider:write': 'サインイン連携を登録し、変更し、職員を対応付ける',
  'api-key:read': '庁内システム用のAPIキーの一覧を見る',
  'provisioning:read': '認証基盤からの職員連携（SCIM）の設定を見る',
  'provisioning:write': '認証基盤からの職員連携（SCIM）の設定を変える',
  'scim:provision': '認証基盤として職員と所属の構成員を読み書きする（SCIM）',
  'api-key:write': 'APIキーを発行し、失効させる',
  'budget:read': '所属と職員の利用上限と残りを見る（所属長は自所属と配下のみ）',
  'city-budget:read': '団体全体の利用上限と残り、契約の内容を見る',
  'budget:write': '利用上限と通知の割合を決める',
  'top-up:request': '自所属の増額を申請する',
  'top-up:decide': '増額の申請を承認し、却下する',
  'forecast:read': '利用の見込みと来年度の見積りを見る',
  'usage:read': '利用実績を見る（所属長は自所属と配下のみ）',
  'audit:read': '監査ログを見る（質問や回答の本文は含まない）',
  'content-access:read': '運営事業者による内容閲覧の申請と、閲覧された記録を見る',
  'content-access:decide': '運営事業者による内容閲覧を承認し、却下し、終了させる',
  'content-access:ask': '障害調査のため団体に内容閲覧を申請し、承認された範囲と時間に限り閲覧する',
  'segment:read': 'ネットワークごとの利用の決まりを見る',
  'segment:write': 'ネットワークごとの利用の決まりを変える',
  'maintenance:announce': '保守のお知らせを出し、取り下げる',
  'mail:read': '通知メールの送信状況を見る（宛先は伏せる。本文は見えない）',
  'mail:resend': '送れなかった通知メールを送り直す',
  'city:read': '契約団体の一覧を見る（本文は見えない）',
  'city:write': '契約団体を登録し、変更する',
  'vendor-user:read': '運営事業者の利用者と、サインイン中のブラウザーを見る',
  'vendor-user:write': 'ほかの利用者の二要素認証を解除し、サインアウトさせる',
  'pool:read': '共有基盤の状態を見る',
  'pool:write': '団体の配分と緊急枠を決める',
  'finance-usage:read': '全団体の利用量と金額を見る',
  'price:read': '単価と為替を見る',
  'price:propose': '単価と為替を起案する',
  'price:approve': 'ほかの人が起案した単価と為替を承認する',
  'usage-import:write': '外部の利用記録を取り込み、訂正を起案する',
  'reconciliation:read': 'クラウド請求との照合を見る',
  'reconciliation:write': 'クラウド請求を取り込み、差異の説明を起案する',
  'reconciliation:approve': 'ほかの人が起案した差異の説明を承認する',
  'service-key:read': '会計システム用のサービスキーの一覧を見る',
  'service-key:write': 'サービスキーを発行し、失効させる',
  'contract:read': '契約とプランを見る',
  'contract:write': '契約とプランを起案する',
  'contract:approve': 'ほかの人が起案した契約を承認する',
  'budget-item:write': '所属に予算科目を割り当てる',
  'period:read': '月次の締めの状態を見る',
  'period:close': '月を締める',
  'invoice:read': '請求書を見る（団体は自分の請求書のみ）',
  'invoice:review': '請求書の下書きを確認し、承認されたものを発行する',
  'invoice:approve': 'ほかの人が確認した請求書を承認し、または差し戻す',
  'invoice:accept': '自分の団体の請求書を検収し、疑義を申し出る',
  'exit:read': '退会の手続きの状態を見る',
  'exit:agree': '退会に同意し、データの受領を確認する',
  'data-export:read': '書き出したデータを受け取る',
  'data-export:write': 'データの書き出しを依頼する',
  'city-exit:read': '団体の退会の状態と証明書を見る',
  'city-exit:write': '団体の退会を進め、待機期間の後に削除する',
} as const;
export type Permission = keyof typeof PERMISSION_WORDS;
export const PERMISSIONS = Object.keys(PERMISSION_WORDS) as readonly Permission[];

export const MEMBER_ROLES = ['staff', 'manager', 'admin', 'auditor'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** `finance` prepares, and approves what a colleague prepared; `approver` reads and approves only. */
export const VENDOR_ROLES = ['ops', 'finance', 'approver'] as const;
export type VendorRole = (typeof VENDOR_ROLES)[number];

/** `scim` stands alone in a key: the city's identity provider, which keeps members and nothing else. */
export const API_KEY_SCOPES = ['jobs', 'models', 'scim'] as const;
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number];

/** What the vendor's own systems may read; named one by one, so that each is given what it needs. */
export const SERVICE_KEY_SCOPES = ['usage', 'prices', 'contracts', 'invoices', 'reconciliation'] as const;
export type ServiceKeyScope = (typeof SERVICE_KEY_SCOPES)[number];

const CHAT = [
  'job:create',
  'job:read',
  'job:cancel',
  'conversation:read',
  'conversation:write',
  'batch:read',
  'batch:write',
  'template:read',
  'template:write',
  'model:read',
  'purpose:read',
] as const;

/** The one table of who may do what. Auditors watch and never chat, so that nobody audits their own use. */
export const ROLE_PERMISSIONS: Record<MemberRole, readonly Permission[]> = {
  staff: ['session:own', ...CHAT],
  manager: ['session:own', ...CHAT, 'usage:read', 'budget:read', 'top-up:request', 'department:read'],
  admin: [
    'session:own',
    ...CHAT,
    'purpose:write',
    'segment:read',
    'segment:write',
    'department:read',
    'department:write',
    'member:read',
    'member:write',
    'handover:read',
    'handover:write',
    'identity-provider:read',
    'identity-provider:write',
    'api-key:read',
    'api-key:write',
    'provisioning:read',
    'provisioning:write',
    'budget:read',
    'city-budget:read',
    'budget:write',
    'budget-item:write',
    'top-up:decide',
    'forecast:read',
    'usage:read',
    'audit:read',
    'content-access:read',
    'content-access:decide',
    'invoice:read',
    'invoice:accept',
    'exit:read',
    'exit:agree',
    'data-export:read',
    'data-export:write',
  ],
  auditor: [
    'session:own',
    'usage:read',
    'audit:read',
    'content-access:read',
    'handover:read',
    'segment:read',
    'department:read',
    'invoice:read',
  ],
};

export const VENDOR_PERMISSIONS: Record<VendorRole, readonly Permission[]> = {
  ops: [
    'session:own',
    'city:read',
    'city:write',
    'vendor-user:read',
    'vendor-user:write',
    'pool:read',
    'pool:write',
    'content-access:ask',
    'maintenance:announce',
    'mail:read',
    'mail:resend',
    'city-exit:read',
    'city-exit:write',
  ],
  finance: [
    'session:own',
    'finance-usage:read',
    'price:read',
    'price:propose',
    'price:approve',
    'usage-import:write',
    'reconciliation:read',
    'reconciliation:write',
    'reconciliation:approve',
    'service-key:read',
    'service-key:write',
    'contract:read',
    'contract:write',
    'contract:approve',
    'period:read',
    'period:close',
    'invoice:read',
    'invoice:review',
    'invoice:approve',
  ],
  approver: [
    'session:own',
    'finance-usage:read',
    'price:read',
    'price:approve',
    'reconciliation:read',
    'reconciliation:approve',
    'contract:read',
    'contract:approve',
    'period:read',
    'invoice:read',
    'invoice:approve',
  ],
};

export const SCOPE_PERMISSIONS: Record<ApiKeyScope, readonly Permission[]> = {
  jobs: ['job:create', 'job:read', 'job:cancel', 'batch:read', 'batch:write'],
  models: ['model:read'],
  scim: ['scim:provision'],
};

/** Reading only: what is decided is decided by people. */
export const SERVICE_SCOPE_PERMISSIONS: Record<ServiceKeyScope, readonly Permission[]> = {
  usage: ['finance-usage:read'],
  prices: ['price:read'],
  contracts: ['contract:read'],
  invoices: ['period:read', 'invoice:read'],
  reconciliation: ['reconciliation:read'],
};
