'use client';

import { useId } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from './button.tsx';

export interface RowAct {
  key: string;
  label: string;
  /** What a screen reader says instead: the label with the row's name. */
  name: string;
  onChoose: () => void;
}

// The browser hangs it below its button and above when there is no room; one that cannot shows it in the middle
const PLACE =
  'supports-[position-area:bottom]:inset-auto supports-[position-area:bottom]:m-1 [position-area:block-end_span-inline-start] [position-try-fallbacks:flip-block]';

/**
 * Everything that can be done with a row, behind one button. The browser's own popover: it lies above the table that
 * scrolls, Tab goes on into it, Escape and a press beside it close it and give the focus back.
 */
export function RowMenu({ of, acts }: { of: string; acts: readonly RowAct[] }) {
  const t = useTranslations('common');
  const id = useId();
  const label = t('actionsOf', { name: of });
  return (
    <>
      <Button look="outline" size="sm" aria-label={label} popoverTarget={id}>
        {t('actions')}
        <svg aria-hidden="true" viewBox="0 0 12 12" className="size-3">
          <path d="M2 4l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="2" />
        </svg>
      </Button>
      <div
        id={id}
        popover="auto"
        role="group"
        aria-label={label}
        className={`rounded-8 border border-solid-gray-420 bg-white p-2 text-solid-gray-800 shadow-2 ${PLACE}`}
      >
        <ul className="flex flex-col">
          {acts.map(({ key, label: text, name, onChoose }) => (
            <li key={key}>
              <button
                type="button"
                aria-label={name}
                className="min-h-11 w-full rounded-8 px-4 py-2 text-left text-dns-16N-130 hover:bg-key-50 hover:underline"
                onClick={(event) => {
                  // First, so that the focus is back at the button of the row when a dialog opens, and returns there
                  event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
                  onChoose();
                }}
              >
                {text}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
