'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { ShareDialog } from '../pool/share-dialog.tsx';
import { api } from '../session/api.ts';
import { CITIES_KEY } from './cities-page.tsx';

/** The city's part in the pool, changed by the same dialog as on the page of all shares. */
export function CityShareFacts({ id }: { id: string }) {
  const t = useTranslations('cities');
  const shares = useTranslations('shares');
  const { number } = useFormats();
  const client = useQueryClient();
  const [editing, setEditing] = useState(false);
  const queryKey = [...CITIES_KEY, id, 'share'];
  const { data: share } = useQuery({
    queryKey,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ops/v1/cities/{id}/share', { params: { path: { id } }, signal })),
  });
  if (!share) return null;
  const orNone = (value: number | null): string => (value === null ? shares('none') : number(value));
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-std-20B-150">{t('share')}</h2>
      <p>
        {t('shareFacts', {
          weight: number(share.weight),
          floor: orNone(share.runningFloor),
          limit: orNone(share.runningLimit),
        })}
      </p>
      <div className="flex flex-wrap items-center gap-4">
        <Button look="outline" size="sm" onClick={() => setEditing(true)}>
          {shares('edit', { name: share.name })}
        </Button>
        <Link href="/ops/shares" className="text-key-900 underline underline-offset-4">
          {t('allShares')}
        </Link>
      </div>
      {editing && (
        <ShareDialog
          share={share}
          onSaved={() => client.invalidateQueries({ queryKey })}
          onClose={() => setEditing(false)}
        />
      )}
    </section>
  );
}
