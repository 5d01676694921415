'use client';

import { useTranslations } from 'use-intl';
import type { SegmentPolicy } from '#libs/api-client';

const SWITCHES = [
  'open',
  'addressRanges',
  'models',
  'attachments',
  'copy',
  'download',
  'export',
  'retention',
  'mfa',
] as const;
export type PolicySwitch = (typeof SWITCHES)[number];

export interface PolicyLine {
  readonly name: PolicySwitch;
  readonly label: string;
  readonly value: string;
}

/** @param nameOf the name people know a model by */
export function usePolicyWords(nameOf: (model: string) => string): (policy: SegmentPolicy) => PolicyLine[] {
  const t = useTranslations('networks');
  const may = (allowed: boolean): string => t(allowed ? 'can' : 'cannot');
  return (policy) => {
    const values: Record<PolicySwitch, string> = {
      open: t(policy.open ? 'isOpen' : 'isClosed'),
      addressRanges: policy.addressRanges.join(' / ') || t('anywhere'),
      models: policy.models?.map(nameOf).join(' / ') ?? t('allModels'),
      attachments: may(policy.attachments),
      copy: t(policy.takeOut.copy ? 'shown' : 'hidden'),
      download: may(policy.takeOut.download),
      export: may(policy.takeOut.export),
      retention: policy.retentionDays === null ? t('keptOn') : t('keptDays', { days: policy.retentionDays }),
      mfa: t(policy.mfa === 'required' ? 'mfaRequired' : 'mfaOptional'),
    };
    return SWITCHES.map((name) => ({ name, label: t(`switches.${name}`), value: values[name] }));
  };
}
