import { scanDigits } from './digit-groups.ts';
import { NumberGuard } from './number-guard.ts';

const MASK = '●';

/** The text with every 個人番号, suspected ones too, as `●●●●●●●●●●●●`: for readers whose work needs no number. */
export function maskNumbers(text: string): string {
  let masked = '';
  let kept = 0;
  for (const { start, end } of NumberGuard.inspect(text)) {
    masked += text.slice(kept, start) + MASK.repeat(scanDigits(text.slice(start, end)).digits.length);
    kept = end;
  }
  return masked + text.slice(kept);
}
