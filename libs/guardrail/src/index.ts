export { maskNumbers } from './mask-numbers.ts';
export { CellGuard, type TableText } from './guard-cells.ts';
export { guardPrompt } from './guard-prompt.ts';
export { guardPurpose } from './purpose-gate.ts';
