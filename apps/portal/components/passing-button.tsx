'use client';

import { type ComponentProps, type RefObject, useLayoutEffect, useRef } from 'react';
import { Button } from './button.tsx';

interface PassingButtonProps extends ComponentProps<typeof Button> {
  /** Where the focus goes with which the button goes away. */
  heir: RefObject<HTMLElement | null>;
}

/** A button that is there for a while only. Whoever works by keyboard does not lose the place when it goes. */
export function PassingButton({ heir, ...rest }: PassingButtonProps) {
  const own = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const button = own.current;
    return () => {
      if (button && document.activeElement === button) heir.current?.focus({ preventScroll: true });
    };
  }, [heir]);
  return <Button {...rest} ref={own} />;
}
