'use client';

import { useEffect, useRef } from 'react';

const NEAR_PX = 160;

/**
 * Keeps the end of a growing answer in view for a reader who is at the end, and leaves alone one who has scrolled up.
 * A new turn always comes into view.
 */
export function StickToEnd({ turnCount }: { turnCount: number }) {
  const mark = useRef<HTMLDivElement>(null);

  useEffect(() => {
    window.scrollTo({ top: document.documentElement.scrollHeight });
  }, [turnCount]);

  useEffect(() => {
    const list = mark.current?.parentElement;
    if (!list) return;
    let height = list.offsetHeight;
    const observer = new ResizeObserver(() => {
      const { scrollHeight } = document.documentElement;
      const grown = list.offsetHeight - height;
      height = list.offsetHeight;
      const wasAtEnd = window.innerHeight + window.scrollY >= scrollHeight - grown - NEAR_PX;
      if (grown > 0 && wasAtEnd) window.scrollTo({ top: scrollHeight });
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  return <div ref={mark} aria-hidden="true" />;
}
