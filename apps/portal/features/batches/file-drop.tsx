'use client';

import { type DragEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../components/button.tsx';

interface FileDropProps {
  isReading: boolean;
  onFile: (file: File) => void;
}

/** Takes one file, dropped or chosen. The button is what the keyboard and a screen reader use; the area is a convenience. */
export function FileDrop({ isReading, onFile }: FileDropProps) {
  const t = useTranslations('batches');
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);

  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !isReading) onFile(file);
    // The same file, mended, can be chosen again
    if (input.current) input.current.value = '';
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };

  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`flex flex-col items-center gap-4 rounded-12 border-2 border-dashed p-8 text-center ${isOver ? 'border-key-900 bg-key-50' : 'border-solid-gray-536 bg-white'}`}
    >
      <p className="text-std-16N-170">{t('drop')}</p>
      <input
        ref={input}
        type="file"
        accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        aria-label={t('file')}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => take(event.target.files)}
      />
      <Button inactive={isReading} onClick={() => input.current?.click()}>
        {isReading ? t('reading') : t('choose')}
      </Button>
      <p className="text-dns-14N-130 text-solid-gray-700">{t('dropHint')}</p>
      <span role="status" className="sr-only">
        {isReading && t('reading')}
      </span>
    </div>
  );
}
