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
      <th scope="row" colSpan={lead} className="px-2 py-3 text-left 2xl:px-4">
        {t('total')}
      </th>
      {COUNTS.map((key) => (
        <td key={key} className="px-2 py-3 text-right tabular-nums 2xl:px-4">
          {number(total[key])}
        </td>
      ))}
      {trail > 0 && <td colSpan={trail} />}
    </tr>
  );
}
