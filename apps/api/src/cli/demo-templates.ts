import type { INestApplicationContext } from '@nestjs/common';
import { TenantDatabase, type TenantScope } from '#libs/database';
import { MemberDirectory } from '#libs/identity';
import { newId } from '#libs/kernel';
import { Templates } from '#libs/templates';
import { DEMO_MEMBERS } from './demo-data.ts';

/** What a city hall writes again and again; `department` names one of the demo's, else it is for everybody. */
const DEMO_TEMPLATES = [
  {
    title: '会議録の要約',
    body: '次の会議録を、決定事項・宿題・次回の予定に分けて要約してください。\n\n{会議録}',
    note: '個人名や個人番号は除いてから使ってください。',
  },
  {
    title: '住民向けのお知らせ文',
    body: '{件名}について、住民の方に分かりやすい「です・ます」の文で、{文字数}字程度のお知らせを書いてください。\n伝えること：{伝えること}',
    note: '広報紙・ホームページに載せる文の下書き',
  },
  {
    title: '照会文書の回答案',
    body: '次の照会に対する回答文の案を、公用文の書き方で作成してください。\n\n照会の内容：{照会の内容}\n回答の要点：{回答の要点}',
    note: null,
    department: '総務課',
  },
] as const;

/** As the city's administrator publishes them, unless there are published ones. */
export async function seedTemplates(
  app: INestApplicationContext,
  { scope, departments }: { scope: TenantScope; departments: ReadonlyMap<string, string> },
): Promise<void> {
  const { loginId } = DEMO_MEMBERS.find(({ role }) => role === 'admin')!;
  const admin = await app.get(TenantDatabase).run(scope, (tx) => app.get(MemberDirectory).findByLoginId(tx, loginId));
  const user = { type: 'member', id: admin!.id, scope, role: 'admin', department: null } as const;
  const templates = app.get(Templates);
  if ((await templates.list(user, { limit: 1 })).length > 0) return;
  for (const { title, body, note, ...of } of DEMO_TEMPLATES) {
    const whose =
      'department' in of
        ? ({ audience: 'department', departmentId: departments.get(of.department)! } as const)
        : ({ audience: 'city' } as const);
    await templates.create(user, { id: newId(), title, body, note, ...whose });
  }
}
