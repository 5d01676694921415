'use client';

import { useTranslations } from 'use-intl';
import { type TokenCounts, useTokenColumns } from './token-columns.tsx';

/** The sum under a table of use; `trail` columns stand behind the counts. */
export function TotalRow({ total, trail = 0 }: { total: TokenCounts; trail?: number }) {
  const t = useTranslations('usage');
  return (
    <tr>
      <th scope="row" className="px-2 py-3 text-left 2xl:px-4">
        {t('total')}
      </th>
      {useTokenColumns().map(({ key, cell }) => (
        <td key={key} className="px-2 py-3 text-right whitespace-nowrap tabular-nums 2xl:px-4">
          {cell(total)}
        </td>
      ))}
      {trail > 0 && <td colSpan={trail} />}
    </tr>
  );
}
