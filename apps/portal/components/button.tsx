'use client';

import { type ComponentProps, useSyncExternalStore } from 'react';

const LOOKS = {
  solid:
    'bg-key-900 text-white border-key-900 hover:bg-key-1000 aria-disabled:bg-solid-gray-300 aria-disabled:border-solid-gray-300',
  outline:
    'bg-white text-key-900 border-key-900 hover:bg-key-50 aria-disabled:text-solid-gray-420 aria-disabled:border-solid-gray-300',
  danger:
    'bg-error-2 text-white border-error-2 hover:bg-red-1000 aria-disabled:bg-solid-gray-300 aria-disabled:border-solid-gray-300',
  text: 'bg-transparent text-key-900 border-transparent underline underline-offset-4 hover:bg-key-50 aria-disabled:text-solid-gray-420',
} as const;
const SIZES = {
  md: 'min-h-12 px-4 text-std-16B-170',
  sm: 'min-h-9 px-3 text-dns-16B-130',
  xs: 'min-h-7 px-2 text-dns-14B-130',
} as const;

/** The looks of a button, for links that act as one. */
export const buttonClass = (look: keyof typeof LOOKS = 'solid', size: keyof typeof SIZES = 'md'): string =>
  `inline-flex items-center justify-center gap-2 rounded-8 border whitespace-nowrap hover:underline underline-offset-4 aria-disabled:no-underline aria-disabled:cursor-default ${LOOKS[look]} ${SIZES[size]}`;

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  look?: keyof typeof LOOKS;
  size?: keyof typeof SIZES;
  /** Not available now. The button stays focusable, so that a screen reader still finds it; a press does nothing. */
  inactive?: boolean;
}

const subscribe = () => () => {};

/** False in the page as the server wrote it, true as soon as React has taken it over. */
const useHydrated = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => true,
    () => false,
  );

/**
 * Disabled until the page has its scripts: a press before would be lost, and a form sent before, by Enter as well, would
 * go the browser's own way with what was typed in the address.
 */
export function Button({ look, size, inactive, className = '', onClick, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={!useHydrated()}
      aria-disabled={inactive || undefined}
      className={`${buttonClass(look, size)} ${className}`}
      // Also keeps an inactive submit button from submitting its form
      onClick={(event) => (inactive ? event.preventDefault() : onClick?.(event))}
    />
  );
}
