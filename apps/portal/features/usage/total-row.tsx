'use client';

import { useTranslations } from 'use-intl';
import { useFormats } from '../../i18n/use-formats.ts';
import { COUNTS, type TokenCounts } from './token-columns.ts';

/** The sum under a table of use; `lead` columns before the counts belong to its label. */
export function TotalRow({ total, lead, trail = 0 }: { total: TokenCounts; lead: number; trail?: number }) {
  const t = useTranslations('usage');
  const { number } = useFormats();
  return (
    <tr>
      <th scope="row" colSpan={lead} className="px-3 py-3 text-left">
        {t('total')}
      </th>
      {COUNTS.map((key) => (
        <td key={key} className="px-3 py-3 text-right tabular-nums">
          {number(total[key])}
        </td>
      ))}
      {trail > 0 && <td colSpan={trail} />}
    </tr>
  );
}
