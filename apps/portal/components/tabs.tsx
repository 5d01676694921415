'use client';

import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';

export interface Tab {
  key: string;
  label: string;
  content: ReactNode;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** One of several views of a page. Arrow keys move between them, as the ARIA pattern for tabs wants it. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  const id = useId();
  const [chosen, setChosen] = useState(tabs[0]?.key);
  const place = tabs.findIndex(({ key }) => key === chosen);
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(place + step + tabs.length) % tabs.length]!;
    setChosen(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  return (
    <div className="flex flex-col gap-6">
      <div role="tablist" aria-label={label} onKeyDown={move} className="flex flex-wrap border-b border-solid-gray-420">
        {tabs.map(({ key, label: text }) => (
          <button
            key={key}
            id={`${id}-${key}`}
            type="button"
            role="tab"
            aria-selected={key === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={key === chosen ? 0 : -1}
            onClick={() => setChosen(key)}
            className="-mb-px min-h-11 border-b-4 border-transparent px-3 text-std-16N-170 whitespace-nowrap hover:bg-key-50 aria-selected:border-key-900 aria-selected:font-700 aria-selected:text-key-1000 sm:px-6"
          >
            {text}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`} className="flex flex-col gap-6">
        {tabs[place]?.content}
      </div>
    </div>
  );
}
