'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { type RosterImport, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { FileButton, TABLE_FILES } from '../../components/file-button.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { BatchProblem } from '../batches/faults.tsx';
import { api } from '../session/api.ts';
import { FILE_KINDS, MODES, type RosterFileKind, type RosterMode, uploadRoster, useRosterAct } from './use-roster.ts';

interface UploadStepProps {
  found: RosterImport;
  isChecking: boolean;
  onCheck: () => void;
}

/** Which files, and whether they are complete. */
export function UploadStep({ found, isChecking, onCheck }: UploadStepProps) {
  const t = useTranslations('roster');
  const hasFile = FILE_KINDS.some((kind) => found.files[kind]);
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('steps.upload')}</h2>
      <p className="text-std-16N-170">{t('uploadLead')}</p>
      <div className="grid gap-6 lg:grid-cols-2">
        {FILE_KINDS.map((kind) => (
          <FileSlot key={kind} kind={kind} found={found} />
        ))}
      </div>
      <Button
        className="w-fit"
        look={found.state === 'checked' ? 'outline' : 'solid'}
        inactive={!hasFile || isChecking}
        onClick={onCheck}
      >
        {isChecking ? t('checking') : t('check')}
      </Button>
      <span role="status" className="sr-only">
        {isChecking && t('checking')}
      </span>
    </section>
  );
}

function FileSlot({ kind, found }: { kind: RosterFileKind; found: RosterImport }) {
  const t = useTranslations('roster');
  const { number } = useFormats();
  const id = useId();
  const file = found.files[kind];
  const [mode, setMode] = useState<RosterMode>(file?.mode ?? 'listed');
  const upload = useRosterAct(found.id, (chosen: File) => uploadRoster(found.id, kind, mode, chosen));
  const params = { path: { id: found.id, kind } };
  const remove = useRosterAct(found.id, () =>
    unwrap(api.DELETE('/api/v1/roster-imports/{id}/files/{kind}', { params })),
  );

  return (
    <div role="group" aria-labelledby={id} className="flex flex-col gap-3 rounded-8 border border-solid-gray-420 p-4">
      <h3 id={id} className="text-std-18B-160">
        {t(`files.${kind}`)}
      </h3>
      <p className="text-dns-14N-130 text-solid-gray-700">{t(`columns.${kind}`)}</p>
      <fieldset className="flex flex-col gap-2" disabled={file !== null}>
        <legend className="text-std-16B-170">{t('mode')}</legend>
        {MODES.map((one) => (
          <label key={one} className="flex items-start gap-2 text-std-16N-170">
            <input
              type="radio"
              name={`${id}-mode`}
              className="mt-1.5 size-5 shrink-0"
              checked={(file?.mode ?? mode) === one}
              onChange={() => setMode(one)}
            />
            {t(`modes.${kind}.${one}`)}
          </label>
        ))}
      </fieldset>
      {file ? (
        <div className="flex flex-wrap items-center gap-3">
          <p className="text-std-16N-170 break-all">{t('chosen', { name: file.name, rows: number(file.rowCount) })}</p>
          <Button
            look="outline"
            size="sm"
            aria-label={t(`remove.${kind}`)}
            inactive={remove.isPending}
            onClick={() => remove.mutate(undefined)}
          >
            {t('removeShort')}
          </Button>
        </div>
      ) : (
        <FileButton
          label={t(`choose.${kind}`)}
          accept={TABLE_FILES}
          look="outline"
          className="w-fit"
          inactive={upload.isPending}
          onFile={(chosen) => upload.mutate(chosen)}
        >
          {upload.isPending ? t('reading') : t(`choose.${kind}`)}
        </FileButton>
      )}
      <span role="status" className="sr-only">
        {upload.isPending ? t('reading') : file && t('chosen', { name: file.name, rows: number(file.rowCount) })}
      </span>
      {upload.error && <BatchProblem error={upload.error} />}
      {remove.error && <ProblemNotice error={remove.error} />}
    </div>
  );
}
