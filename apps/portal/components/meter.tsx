interface MeterProps {
  label: string;
  value: number;
  max: number;
  /** The value in words, shown above the bar and read out instead of the bare ratio. */
  text: string;
  /** Full is no warning: what is measured is progress. */
  neutral?: boolean;
}

/** How much of a limit is used: yellow from 80 %, red when it is used up. The words beside it say the same. */
export function Meter({ label, value, max, text, neutral }: MeterProps) {
  const ratio = max > 0 ? value / max : Number(value > 0);
  const fill = neutral
    ? 'fill-key-800'
    : ratio >= 1
      ? 'fill-error-1'
      : ratio >= 0.8
        ? 'fill-warning-yellow-1'
        : 'fill-key-800';
  return (
    <div className="flex min-w-40 flex-col gap-1">
      <span className="text-dns-14N-130 tabular-nums">{text}</span>
      <svg
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(value, max)}
        aria-valuetext={text}
        className="h-2 w-full rounded-full bg-solid-gray-200"
        data-edge
      >
        <rect width={`${Math.min(1, ratio) * 100}%`} height="100%" className={fill} />
      </svg>
    </div>
  );
}
