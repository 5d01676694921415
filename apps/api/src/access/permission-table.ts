import {
  API_KEY_SCOPES,
  MEMBER_ROLES,
  PERMISSIONS,
  PERMISSION_WORDS,
  type Permission,
  ROLE_PERMISSIONS,
  SCOPE_PERMISSIONS,
  SERVICE_KEY_SCOPES,
  SERVICE_SCOPE_PERMISSIONS,
  VENDOR_PERMISSIONS,
  VENDOR_ROLES,
} from '#libs/identity';
import { type ApiRoute, planeOf } from './route-registry.ts';

const ROLE_WORDS = {
  staff: '職員',
  manager: '所属長',
  admin: '管理者',
  auditor: '監査担当者',
  ops: '運用担当者',
  finance: '経理担当者',
  approver: '承認者',
} as const;

interface Holder {
  readonly name: string;
  readonly permissions: readonly Permission[];
}

const holdersOf = <Name extends string>(
  names: readonly Name[],
  permissions: Record<Name, readonly Permission[]>,
  nameOf: (name: Name) => string,
): Holder[] => names.map((name) => ({ name: nameOf(name), permissions: permissions[name] }));

const scopeName = (scope: string): string => `\`${scope}\``;

const CITY = [
  ...holdersOf(MEMBER_ROLES, ROLE_PERMISSIONS, (role) => ROLE_WORDS[role]),
  ...holdersOf(API_KEY_SCOPES, SCOPE_PERMISSIONS, scopeName),
];
const VENDOR = [
  ...holdersOf(VENDOR_ROLES, VENDOR_PERMISSIONS, (role) => ROLE_WORDS[role]),
  ...holdersOf(SERVICE_KEY_SCOPES, SERVICE_SCOPE_PERMISSIONS, scopeName),
];

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');

/** Who holds what; permissions nobody of these holds are left out. */
function holdings(holders: readonly Holder[]): string {
  const held = PERMISSIONS.filter((one) => holders.some(({ permissions }) => permissions.includes(one)));
  return table(
    ['権限', '内容', ...holders.map(({ name }) => name)],
    held.map((one) => [
      `\`${one}\``,
      PERMISSION_WORDS[one],
      ...holders.map(({ permissions }) => (permissions.includes(one) ? '○' : '')),
    ]),
  );
}

const routeTable = (routes: readonly ApiRoute[]): string =>
  table(
    ['操作', '経路', '必要な権限', '本人の再確認'],
    routes.map(({ method, path, access, stepUp }) => [
      method.toUpperCase(),
      `\`${path}\``,
      access === 'public' ? '不要（公開）' : `\`${access}\``,
      stepUp ? '要' : '',
    ]),
  );

/** docs/permissions.md: who may do what, and what every route asks for, for those who audit it. */
export function permissionTable(routes: readonly ApiRoute[]): string {
  const on = (plane: ReturnType<typeof planeOf>) => routeTable(routes.filter((route) => planeOf(route) === plane));
  return `# 権限の一覧

この文書は \`npm run openapi\` が \`libs/identity/src/permissions.ts\` とAPIの経路から作ります。手では直しません。
ここに書かれたとおりに全経路が応答することを、\`apps/api/src/access/route-by-route.http.spec.ts\` が全役割について確かめています。

- 権限のない操作は403、サインインしていない操作は401、その網に存在しない経路とほかの団体のものは404になります。
- 「本人の再確認」が「要」の操作は、同じセッションで10分以内にパスワード（登録があれば二要素認証も）を確かめていなければ403（\`IDENTITY.STEP_UP_REQUIRED\`）になります。サインインした直後の10分間は確かめたものとします。
- 所属長が見られる利用実績・利用上限・追加申請は、自所属と、その時点の所属の木で配下にあるものに限ります。所属のない所属長には何も見えません。
- 監査担当者は監査ログ、利用実績、請求書を見ます。質問・回答・文書の本文は、誰のものも見られません。
- 事業者（運用・経理・承認者）の役割には、団体の本文を読む権限がありません。データベースの権限でも同じです。

## 団体の役割とAPIキーの範囲

${holdings(CITY)}

## 事業者の役割とサービスキーの範囲

${holdings(VENDOR)}

## 団体の網にある経路

${on('city')}

## 事業者の網にある経路

${on('vendor')}

## どちらの網にもある経路

${on('both')}
`;
}
