export { isMyNumber, myNumberCheckDigit } from './my-number.ts';
export { NumberGuard, type NumberFinding, type NumberKind, type PartFinding, type TextPart } from './number-guard.ts';
export { maskFinding } from './mask-finding.ts';
export { maskNumbers } from './mask-numbers.ts';
export { CellGuard, type TableText } from './guard-cells.ts';
export { type Prompt, guardPrompt } from './guard-prompt.ts';
export { PurposeGate, type PurposeClaim, type PurposeVerdict, guardPurpose } from './purpose-gate.ts';
