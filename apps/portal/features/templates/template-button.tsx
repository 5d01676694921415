'use client';

import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useDeferredValue, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Audience, Template, TemplateWithBody } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import { TextField } from '../../components/field.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { filled, placesOf } from './filled.ts';
import { readTemplate, useTemplates } from './use-templates.ts';

const AUDIENCES: readonly Audience[] = ['own', 'department', 'city'];

interface TemplateButtonProps {
  /** Takes the text, with its places filled in. */
  onUse: (text: string) => void;
  /** The places stay: they are columns. */
  keepsPlaces?: boolean;
}

/** Chooses a template, asks for what is to be filled in, and hands the text over for a person to read. */
export function TemplateButton({ onUse, keepsPlaces }: TemplateButtonProps) {
  const t = useTranslations('templates');
  const [step, setStep] = useState<'choose' | TemplateWithBody | null>(null);
  const close = () => setStep(null);
  const use = (text: string) => {
    close();
    // After the dialog has given the focus back
    requestAnimationFrame(() => onUse(text));
  };
  const choose = (template: TemplateWithBody) => {
    if (keepsPlaces) use(template.body);
    else if (placesOf(template.parts).length === 0) use(filled(template.parts, {}));
    else setStep(template);
  };
  return (
    <>
      <Button look="outline" size="sm" aria-haspopup="dialog" onClick={() => setStep('choose')}>
        {t('title')}
      </Button>
      {step === 'choose' && <ChooseDialog onChoose={choose} onClose={close} />}
      {step !== null && step !== 'choose' && <FillDialog template={step} onUse={use} onClose={close} />}
    </>
  );
}

function ChooseDialog({ onChoose, onClose }: { onChoose: (template: TemplateWithBody) => void; onClose: () => void }) {
  const t = useTranslations('templates');
  const common = useTranslations('common');
  const [search, setSearch] = useState('');
  const query = useDeferredValue(search.trim());
  const templates = useTemplates({ search: query });
  const read = useMutation({ mutationFn: (id: string) => readTemplate(id), onSuccess: onChoose });
  return (
    <Dialog title={t('chooseTitle')} onClose={onClose}>
      <TextField
        label={t('search')}
        type="search"
        value={search}
        maxLength={100}
        autoFocus
        onChange={(event) => setSearch(event.target.value)}
      />
      <p role="status" className="sr-only">
        {templates.data && t('found', { count: templates.rows.length })}
      </p>
      {templates.isPending && <Skeleton rows={3} />}
      {templates.error && <ProblemNotice error={templates.error} onRetry={() => void templates.refetch()} />}
      {read.error && <ProblemNotice error={read.error} />}
      {templates.data && templates.rows.length === 0 && (
        <p className="text-std-16N-170">
          {t(query ? 'noMatch' : 'noneYet')}{' '}
          {!query && (
            <Link href="/templates" className="text-key-900 underline underline-offset-4">
              {t('toPage')}
            </Link>
          )}
        </p>
      )}
      {AUDIENCES.map((audience) => (
        <Group
          key={audience}
          audience={audience}
          templates={templates.rows.filter((template) => template.audience === audience)}
          onPick={(id) => !read.isPending && read.mutate(id)}
        />
      ))}
      {templates.hasNextPage && (
        <Button look="text" size="sm" onClick={() => void templates.fetchNextPage()}>
          {common('loadMore')}
        </Button>
      )}
      <DialogActions onLeave={onClose} />
    </Dialog>
  );
}

interface GroupProps {
  audience: Audience;
  templates: readonly Template[];
  onPick: (id: string) => void;
}

function Group({ audience, templates, onPick }: GroupProps) {
  const t = useTranslations('templates');
  if (templates.length === 0) return null;
  return (
    <section aria-label={t(`audiences.${audience}`)} className="flex flex-col gap-1">
      <h3 className="text-dns-14B-130 text-solid-gray-700">{t(`audiences.${audience}`)}</h3>
      <ul className="flex flex-col">
        {templates.map(({ id, title, note, departmentName }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => onPick(id)}
              className="flex min-h-11 w-full flex-col gap-1 rounded-8 px-3 py-2 text-left text-dns-16N-130 hover:bg-key-50 hover:underline"
            >
              <span>{title}</span>
              {(note || departmentName) && (
                <span className="text-dns-14N-130 text-solid-gray-700">
                  {[departmentName, note].filter(Boolean).join('：')}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface FillDialogProps {
  template: TemplateWithBody;
  onUse: (text: string) => void;
  onClose: () => void;
}

function FillDialog({ template: { title, note, parts }, onUse, onClose }: FillDialogProps) {
  const t = useTranslations('templates');
  const places = placesOf(parts);
  return (
    <FormDialog
      title={title}
      lead={note ?? t('fillLead')}
      submitLabel={t('fill')}
      fields={places.map((place, at) => ({ name: `place${at}`, label: place, required: true, lines: 2 }))}
      onSubmit={async (values: Record<string, string>) =>
        filled(parts, Object.fromEntries(places.map((place, at) => [place, values[`place${at}`] ?? ''])))
      }
      onDone={onUse}
      onClose={onClose}
    />
  );
}
