'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Banner } from '../../components/banner.tsx';
import { FileButton } from '../../components/file-button.tsx';
import { Meter } from '../../components/meter.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { uploadReport } from './upload-report.ts';
import { useRefresh } from './use-reconciliation.ts';

/** Takes the provider's bill of a month and shows how far it is sent; checking and comparing follow. */
export function ReportUpload({ month }: { month: string }) {
  const t = useTranslations('reconciliation');
  const { month: monthName, number, percent } = useFormats();
  const [sent, setSent] = useState(0);
  const refresh = useRefresh();
  const upload = useMutation({
    mutationFn: (file: File) => uploadReport(month, file, setSent),
    onMutate: () => setSent(0),
    onSuccess: refresh,
  });

  return (
    <>
      <FileButton
        label={t('file')}
        accept=".csv,.gz,text/csv,application/gzip"
        inactive={upload.isPending}
        onFile={(file) => upload.mutate(file)}
      >
        {t('upload')}
      </FileButton>
      <p className="text-dns-14N-130 text-solid-gray-700">{t('uploadHint')}</p>
      {upload.isPending && (
        <div role="status" className="w-full">
          <Meter
            neutral
            label={t('sending')}
            value={sent}
            max={1}
            text={sent < 1 ? t('sent', { percent: percent(sent) }) : t('checking')}
          />
        </div>
      )}
      {upload.error && (
        <div className="w-full">
          <ProblemNotice error={upload.error} />
        </div>
      )}
      {upload.data && (
        <div className="w-full">
          <Banner
            tone="success"
            role="status"
            title={t('imported', { month: monthName(upload.data.month), lines: number(upload.data.fileLines) })}
          />
        </div>
      )}
    </>
  );
}
