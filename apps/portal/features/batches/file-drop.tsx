'use client';

import { type DragEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { FileButton, TABLE_FILES } from '../../components/file-button.tsx';

interface FileDropProps {
  isReading: boolean;
  onFile: (file: File) => void;
}

/** Takes one file, dropped or chosen. The button is what the keyboard and a screen reader use; the area is a convenience. */
export function FileDrop({ isReading, onFile }: FileDropProps) {
  const t = useTranslations('batches');
  const [isOver, setOver] = useState(false);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file && !isReading) onFile(file);
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
      <FileButton label={t('file')} accept={TABLE_FILES} inactive={isReading} onFile={onFile}>
        {isReading ? t('reading') : t('choose')}
      </FileButton>
      <p className="text-dns-14N-130 text-solid-gray-700">{t('dropHint')}</p>
      <span role="status" className="sr-only">
        {isReading && t('reading')}
      </span>
    </div>
  );
}
