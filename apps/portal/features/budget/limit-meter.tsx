import { useTranslations } from 'use-intl';
import { Meter } from '../../components/meter.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

interface LimitMeterProps {
  label: string;
  limit: number;
  usedTokens: number;
  reservedTokens: number;
}

/** How much of a limit is taken: by what was used and by what is held for work under way. */
export function LimitMeter({ label, limit, usedTokens, reservedTokens }: LimitMeterProps) {
  const t = useTranslations('budget');
  const { percent } = useFormats();
  const taken = usedTokens + reservedTokens;
  // Rounded down: 100 % is said when nothing is left, not before
  const share = limit > 0 ? Math.floor((taken / limit) * 100) / 100 : 0;
  const text = taken > 0 && share === 0 && limit > 0 ? t('underOnePercent') : percent(share);
  return <Meter label={label} value={taken} max={limit} text={text} />;
}
