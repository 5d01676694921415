import { Meter } from '../../components/meter.tsx';

interface LimitMeterProps {
  label: string;
  limit: number;
  usedTokens: number;
  reservedTokens: number;
}

/** How much of a limit is taken: by what was used and by what is held for work under way. */
export function LimitMeter({ label, limit, usedTokens, reservedTokens }: LimitMeterProps) {
  const taken = usedTokens + reservedTokens;
  return (
    <Meter label={label} value={taken} max={limit} text={`${limit > 0 ? Math.floor((taken / limit) * 100) : 0} %`} />
  );
}
