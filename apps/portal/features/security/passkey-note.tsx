'use client';

import { useTranslations } from 'use-intl';
import { passkeyBar } from './passkeys.ts';

/** Why passkeys are not offered here; nothing where they are. */
export function PasskeyNote() {
  const t = useTranslations('security');
  const bar = passkeyBar();
  return bar && <p className="text-dns-14N-130 text-solid-gray-700">{t(`passkeyBars.${bar}`)}</p>;
}
