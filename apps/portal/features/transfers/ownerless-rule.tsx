'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type OwnerlessRule, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { api } from '../session/api.ts';
import { OWNERLESS_KEY, OWNERLESS_RULE_KEY, useOwnerlessRule } from './use-transfers.ts';

const RULES: readonly OwnerlessRule['rule'][] = ['keep', 'manager', 'delete'];
const [LEAST_DAYS, MOST_DAYS] = [7, 365];

/** The city's rule for this network in one sentence, and the way to change it. */
export function OwnerlessRuleLine({ mayWrite }: { mayWrite: boolean }) {
  const t = useTranslations('transfers');
  const rule = useOwnerlessRule();
  const [isChanging, setChanging] = useState(false);
  if (!rule.data) return rule.error && <ProblemNotice error={rule.error} onRetry={() => void rule.refetch()} />;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-8 border border-solid-gray-420 p-4">
      <p className="min-w-0 grow basis-60 text-std-16N-170">
        {t(`ruleSentence.${rule.data.rule}`, { days: rule.data.afterDays })}
      </p>
      {mayWrite && (
        <Button look="outline" size="sm" onClick={() => setChanging(true)}>
          {t('changeRule')}
        </Button>
      )}
      {isChanging && <RuleDialog present={rule.data} onClose={() => setChanging(false)} />}
    </div>
  );
}

function RuleDialog({ present, onClose }: { present: OwnerlessRule; onClose: () => void }) {
  const t = useTranslations('transfers');
  const client = useQueryClient();
  const change = async (values: Record<'rule' | 'afterDays', string>) => {
    const body = { rule: values.rule as OwnerlessRule['rule'], afterDays: Number(values.afterDays) };
    await unwrap(api.PUT('/api/v1/ownerless-content/rule', { body }));
    void client.invalidateQueries({ queryKey: OWNERLESS_KEY });
    await client.invalidateQueries({ queryKey: OWNERLESS_RULE_KEY });
  };
  const isDays = (text: string) => /^\d{1,3}$/.test(text) && Number(text) >= LEAST_DAYS && Number(text) <= MOST_DAYS;
  return (
    <FormDialog
      title={t('changeRule')}
      lead={t('changeRuleLead')}
      submitLabel={t('changeRuleSubmit')}
      fields={[
        {
          name: 'rule',
          label: t('rule'),
          hint: t('ruleHint'),
          required: true,
          choices: RULES.map((value) => ({ value, label: t(`rules.${value}`) })),
          initial: present.rule,
        },
        {
          name: 'afterDays',
          label: t('afterDays'),
          hint: t('afterDaysHint'),
          required: true,
          inputMode: 'numeric',
          initial: String(present.afterDays),
          check: (text) => (isDays(text) ? undefined : t('afterDaysFault')),
        },
      ]}
      onSubmit={change}
      onClose={onClose}
    />
  );
}
