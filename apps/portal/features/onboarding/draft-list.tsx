'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type Onboarding, unwrap } from '#libs/api-client';
import { Badge } from '../../components/badge.tsx';
import { Button, buttonClass } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { api } from '../session/api.ts';
import { ONBOARDINGS_KEY, useOnboardings } from './use-onboarding.ts';

/** Cities that are being prepared: to go on with, or to give up. Not there while there are none. */
export function DraftList() {
  const t = useTranslations('onboarding');
  const { time } = useFormats();
  const client = useQueryClient();
  const drafts = useOnboardings().data?.items ?? [];
  const [unwanted, setUnwanted] = useState<Onboarding | null>(null);
  const nameOf = ({ draft }: Onboarding): string => draft.name || draft.code || t('unnamed');
  if (drafts.length === 0) return null;
  return (
    <section className="flex flex-col gap-3" aria-label={t('drafts')}>
      <h2 className="text-std-20B-150">{t('drafts')}</h2>
      <ul className="flex flex-col gap-2">
        {drafts.map((onboarding) => {
          const { id, faults, updatedAt } = onboarding;
          const name = nameOf(onboarding);
          return (
            <li key={id} className="flex flex-wrap items-center gap-3 rounded-8 border border-solid-gray-420 p-3">
              <Badge tone="yellow">{t('preparing')}</Badge>
              <span className="grow">{t('draftOf', { name, count: faults.length, time: time(updatedAt) })}</span>
              <Link href={`/ops/cities/new?draft=${id}`} className={buttonClass('outline', 'sm')}>
                {t('goOn')}
              </Link>
              <Button
                look="text"
                size="sm"
                aria-label={t('discardOf', { name })}
                onClick={() => setUnwanted(onboarding)}
              >
                {t('discard')}
              </Button>
            </li>
          );
        })}
      </ul>
      {unwanted && (
        <ConfirmDialog
          title={t('discardOf', { name: nameOf(unwanted) })}
          confirmLabel={t('discard')}
          danger
          onConfirm={async () => {
            await unwrap(api.DELETE('/api/ops/v1/onboardings/{id}', { params: { path: { id: unwanted.id } } }));
            await client.invalidateQueries({ queryKey: ONBOARDINGS_KEY });
          }}
          onClose={() => setUnwanted(null)}
        >
          {t('discardLead')}
        </ConfirmDialog>
      )}
    </section>
  );
}
