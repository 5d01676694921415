'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ErasureForecast, SegmentPolicy, SegmentPolicyChange } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { PolicyDialog } from './policy-dialog.tsx';
import { usePolicyWords } from './use-policy-words.ts';

export interface PolicyCardProps {
  readonly policy: SegmentPolicy;
  readonly models: readonly { id: string; displayName: string }[];
  /** Without it the policy is only shown. */
  readonly save?: ((change: SegmentPolicyChange) => Promise<unknown>) | undefined;
  /** What a shorter retention would erase, where it can be asked. */
  readonly forecast?: ((retentionDays: number) => Promise<ErasureForecast>) | undefined;
}

/** One network: what its people may do there, in words. */
export function PolicyCard({ policy, models, save, forecast }: PolicyCardProps) {
  const t = useTranslations('networks');
  const segments = useTranslations('segments');
  const [isEdited, setEdited] = useState(false);
  const name = segments(policy.segment);
  const lines = usePolicyWords((id) => models.find((model) => model.id === id)?.displayName ?? id)(policy);
  return (
    <section aria-label={name} className="flex flex-col gap-4 rounded-12 border border-solid-gray-420 p-6">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="text-std-20B-150">{name}</h2>
        <Badge tone={policy.open ? 'green' : 'neutral'}>{t(policy.open ? 'isOpen' : 'isClosed')}</Badge>
        {save && (
          <Button
            look="outline"
            size="sm"
            aria-label={t('editOf', { name })}
            className="ml-auto"
            onClick={() => setEdited(true)}
          >
            {t('edit')}
          </Button>
        )}
      </div>
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[14rem_1fr]">
        {lines.slice(1).map((line) => (
          <div key={line.name} className="contents">
            <dt className="text-std-16B-170">{line.label}</dt>
            <dd className="mb-2 break-words sm:mb-0">{line.value}</dd>
          </div>
        ))}
      </dl>
      {isEdited && save && (
        <PolicyDialog {...{ policy, models, save, forecast, name }} onClose={() => setEdited(false)} />
      )}
    </section>
  );
}
