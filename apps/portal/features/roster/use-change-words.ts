'use client';

import { useTranslations } from 'use-intl';
import type { RosterChange } from '#libs/api-client';
import { useFormats } from '../../i18n/use-formats.ts';

type MemberFacts = Extract<RosterChange, { subject: 'member' }>['after'];
type MemberField = Exclude<keyof MemberFacts, 'status'>;

const FIELDS: readonly MemberField[] = ['displayName', 'departmentCode', 'role', 'segment', 'lastDay', 'mailAddress'];

/** What a line of the diff changes, in one sentence: 「所属コード 101 → 205」. */
export function useChangeWords(): (change: RosterChange) => string {
  const t = useTranslations();
  const { day } = useFormats();
  const valueOf = (facts: MemberFacts, field: MemberField): string => {
    if (field === 'role') return t(`roles.${facts.role}`);
    if (field === 'segment') return t(`segments.${facts.segment}`);
    if (field === 'lastDay' && facts.lastDay) return day(facts.lastDay);
    return facts[field] ?? t('roster.none');
  };
  const pair = (name: string, before: string, after: string) => `${name}：${before} → ${after}`;

  return (change) => {
    if (change.subject === 'department') {
      const { before, after } = change;
      if (after.isClosed) return `${after.name}（${t('roster.closed')}）`;
      if (!before) return `${after.name}（${t('roster.fields.parentCode')}：${after.parentCode ?? t('roster.none')}）`;
      const parts = [
        before.name === after.name ? after.name : pair(t('roster.fields.name'), before.name, after.name),
        ...(before.parentCode === after.parentCode
          ? []
          : [
              pair(
                t('roster.fields.parentCode'),
                before.parentCode ?? t('roster.none'),
                after.parentCode ?? t('roster.none'),
              ),
            ]),
        ...(before.isClosed ? [t('roster.reopened')] : []),
      ];
      return parts.join('、');
    }
    const { before, after } = change;
    if (after.status === 'disabled') return after.displayName;
    if (!before)
      return FIELDS.filter((field) => after[field] !== null)
        .map((field) => valueOf(after, field))
        .join('、');
    const changed = FIELDS.filter((field) => before[field] !== after[field]).map((field) =>
      pair(t(`roster.fields.${field}`), valueOf(before, field), valueOf(after, field)),
    );
    if (before.status === 'disabled') changed.push(t('roster.enabled'));
    const name = before.displayName === after.displayName ? [after.displayName] : [];
    return [...name, ...changed].join('、');
  };
}
