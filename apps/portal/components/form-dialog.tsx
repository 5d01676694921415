'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { DialogActions } from './dialog-actions.tsx';
import { type Choice, SelectField, TextAreaField, TextField } from './field.tsx';
import { ProblemNotice, useProblemWords } from './problem-notice.tsx';

export interface FormField<Name extends string> {
  name: Name;
  label: string;
  hint?: string;
  required?: boolean;
  /** Makes it a select. */
  choices?: readonly Choice[];
  placeholder?: string;
  initial?: string;
  /** What the initial choice is called where it is none of the choices: they are on their way, or it is offered to nobody else. */
  initialLabel?: string;
  inputMode?: 'text' | 'numeric';
  /** Makes it a text of several lines, so many of them in sight. */
  lines?: number;
  /** A day, `YYYY-MM-DD`. */
  isDay?: boolean;
  /** Hides what is typed, and tells the browser's password store which password it is, or that it is none of a person's. */
  password?: 'current-password' | 'new-password' | 'off';
  /** Makes it a file of these kinds; its value is the text in it. */
  accept?: string;
  maxLength?: number;
  /** What is wrong with the value, in words; undefined when nothing is. */
  check?: (value: string, values: Readonly<Record<string, string>>) => string | undefined;
  /** Where the API points when it finds fault with this field; `/name` if not given. */
  pointer?: string | readonly string[];
  /** Refusals of the whole request that are this field's fault. */
  codes?: readonly string[];
}

interface FormDialogProps<Name extends string, Result> {
  title: string;
  /** What is going to happen, where the fields do not say it. */
  lead?: string;
  submitLabel: string;
  danger?: boolean;
  fields: readonly FormField<Name>[];
  onSubmit: (values: Record<Name, string>) => Promise<Result>;
  /** Takes over from onClose when something is to be shown after success. */
  onDone?: (result: Result) => void;
  onClose: () => void;
}

/** The one form of the admin pages: fields as data, faults beside the field they belong to, focus on the first. */
export function FormDialog<Name extends string, Result>(props: FormDialogProps<Name, Result>) {
  const { title, lead, submitLabel, danger, fields, onSubmit, onClose, onDone = onClose } = props;
  const t = useTranslations('common');
  const [found, setFound] = useState<Partial<Record<Name, string>>>({});
  const send = useMutation({ mutationFn: async (data: FormData) => onSubmit(await contentsOf(fields, data)) });
  const wordsFor = useProblemWords();
  const errors = { ...faultsByField(send.error, fields, wordsFor), ...found };

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const values = Object.fromEntries(fields.map((field) => [field.name, valueOf(field, data)]));
    const faults = fields.flatMap((field) => {
      const value = values[field.name] ?? '';
      const fault = value ? field.check?.(value, values) : field.required && t('requiredFault');
      return fault ? [[field.name, fault]] : [];
    });
    setFound(Object.fromEntries(faults));
    const first = faults[0]?.[0];
    if (first) form.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else send.mutate(data, { onSuccess: onDone });
  };

  return (
    <Dialog title={title} isBusy={send.isPending} onClose={onClose}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-5">
        {lead && <p className="text-std-16N-170">{lead}</p>}
        {fields.map((field) => (
          <FormControl key={field.name} field={field} error={errors[field.name]} />
        ))}
        {send.error && (
          <div ref={bringIntoView}>
            <ProblemNotice error={send.error} />
          </div>
        )}
        <DialogActions onLeave={onClose} isBusy={send.isPending}>
          <Button type="submit" look={danger ? 'danger' : 'solid'} inactive={send.isPending}>
            {send.isPending ? t('sending') : submitLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A long form has been scrolled to its button: what is said above it must be in sight. */
const bringIntoView = (notice: HTMLElement | null) => notice?.scrollIntoView({ block: 'nearest' });

/** Trimmed, but for passwords: a space may be part of one. Of a file, its name. */
function valueOf({ name, password }: FormField<string>, data: FormData): string {
  const value = data.get(name) ?? '';
  if (value instanceof File) return value.name;
  return password ? value : value.trim();
}

async function contentsOf<Name extends string>(fields: readonly FormField<Name>[], data: FormData) {
  const contents = fields.map(async (field) => {
    const value = data.get(field.name);
    return [field.name, value instanceof File ? await value.text() : valueOf(field, data)] as const;
  });
  return Object.fromEntries(await Promise.all(contents)) as Record<Name, string>;
}

function FormControl({ field, error }: { field: FormField<string>; error: string | undefined }) {
  const t = useTranslations('common');
  const { name, label, hint, required, choices, placeholder, initial, inputMode, maxLength } = field;
  const { password, isDay, accept, lines } = field;
  const shared = { name, label, hint, required, error, defaultValue: initial };
  // A select without it would begin, and be sent, with another choice than the one that holds
  const isOffered = !initial || choices?.some(({ value }) => value === initial);
  const held = isOffered ? [] : [{ value: initial, label: field.initialLabel ?? t('loading') }];
  if (choices) return <SelectField {...shared} choices={[...held, ...choices]} placeholder={placeholder} />;
  return lines ? (
    <TextAreaField {...shared} {...{ placeholder, maxLength }} rows={lines} />
  ) : (
    <TextField
      {...shared}
      {...{ placeholder, inputMode, maxLength, accept }}
      type={password ? 'password' : isDay ? 'date' : accept ? 'file' : 'text'}
      autoComplete={password ?? 'off'}
    />
  );
}

function faultsByField<Name extends string>(
  error: Error | null,
  fields: readonly FormField<Name>[],
  wordsFor: ReturnType<typeof useProblemWords>,
): Partial<Record<Name, string>> {
  if (!(error instanceof ApiProblem)) return {};
  const { code, faults = [] } = error.problem;
  const entries = fields.flatMap(({ name, pointer = `/${name}`, codes }) => {
    const fault = faults.find((candidate) => [pointer].flat().includes(candidate.pointer));
    if (fault) return [[name, fault.message]];
    return codes?.includes(code) ? [[name, wordsFor(error).title]] : [];
  });
  return Object.fromEntries(entries) as Partial<Record<Name, string>>;
}
