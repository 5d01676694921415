'use client';

import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Something is on its way whose answer is told here: left before, it would be told to nobody. */
  isBusy?: boolean;
  /** A side sheet for navigation on narrow screens instead of a centred box. */
  sheet?: boolean;
}

const BOX = 'm-auto w-[min(36rem,calc(100vw-2rem))] max-h-[calc(100dvh-2rem)] rounded-16';
const SHEET = 'm-0 h-dvh max-h-none w-[min(20rem,calc(100vw-3rem))]';

/** A native modal dialog, open as long as it is mounted: focus is kept inside, Escape closes, focus returns on leaving. */
export function Dialog({ title, onClose, children, isBusy, sheet }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // A layout effect, because its clean-up runs before the element leaves the page: close() then gives the focus back
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  /** Chromium asks at the first Escape and closes at the second. */
  const closedByBrowser = () => {
    const dialog = ref.current;
    if (!dialog || dialog.open) return;
    if (isBusy) dialog.showModal();
    else onClose();
  };
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      className={`flex flex-col gap-4 overflow-y-auto border border-solid-gray-420 bg-white p-6 text-solid-gray-800 shadow-3 ${sheet ? SHEET : BOX}`}
      onCancel={(event) => {
        event.preventDefault();
        if (!isBusy) onClose();
      }}
      onClose={closedByBrowser}
    >
      <h2 id={titleId} className="text-std-20B-150">
        {title}
      </h2>
      {children}
    </dialog>
  );
}
