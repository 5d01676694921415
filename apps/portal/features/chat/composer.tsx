'use client';

import { type FormEvent, type KeyboardEvent, type RefObject, useId, useLayoutEffect } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';

const MAX_HEIGHT_PX = 240;

interface ComposerProps {
  /** Where the question is written. */
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
  isSending: boolean;
  autoFocus?: boolean;
}

/** Enter sends, Shift+Enter breaks the line; the Enter that ends a Japanese conversion does neither. */
export function Composer({ area, text, onChange, onSend, isSending, autoFocus }: ComposerProps) {
  const t = useTranslations('chat');
  const hintId = useId();
  const canSend = text.trim() !== '' && !isSending;

  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.style.height = 'auto';
    area.current.style.height = `${Math.min(area.current.scrollHeight, MAX_HEIGHT_PX)}px`;
  }, [text]);

  const onKeyDown = (event: KeyboardEvent) => {
    // Safari ends a composition before this event, and tells by keyCode 229 alone
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (canSend) onSend();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (canSend) onSend();
  };

  return (
    <form
      onSubmit={submit}
      className="flex items-end gap-3 rounded-12 border border-solid-gray-600 bg-white p-2 outline-offset-2 outline-black has-[textarea:focus-visible]:shadow-[0_0_0_2px_var(--color-yellow-300)] has-[textarea:focus-visible]:outline-4"
    >
      <textarea
        ref={area}
        rows={2}
        value={text}
        aria-label={t('prompt')}
        aria-describedby={hintId}
        placeholder={t('promptPlaceholder')}
        autoFocus={autoFocus}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="min-h-14 min-w-0 grow resize-none rounded-8 px-2 py-1 text-std-16N-170 outline-none placeholder:text-solid-gray-600 focus-visible:shadow-none"
      />
      <span id={hintId} className="sr-only">
        {t('keys')}
      </span>
      <Button type="submit" inactive={!canSend}>
        {isSending ? t('sending') : t('send')}
      </Button>
    </form>
  );
}
