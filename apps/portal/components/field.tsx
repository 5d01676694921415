'use client';

import { type ComponentProps, type ReactNode, useId } from 'react';
import { useTranslations } from 'use-intl';

const CONTROL_CLASS =
  'w-full min-h-12 rounded-8 border border-solid-gray-600 bg-white px-3 py-2 text-std-16N-170 text-solid-gray-800 hover:border-black aria-invalid:border-error-1';

interface ControlAttributes {
  id: string;
  required: boolean | undefined;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: string;
  hint?: string;
  error?: string;
  required?: boolean;
}

/** Label, hint and error around one control, tied together for assistive technology. */
function Field({
  label,
  hint,
  error,
  required,
  children,
}: FieldProps & { children: (control: ControlAttributes) => ReactNode }) {
  const t = useTranslations('common');
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-2">
        <label htmlFor={id} className="text-std-16B-170">
          {label}
        </label>
        {required && (
          <span aria-hidden="true" className="shrink-0 text-dns-14N-130 text-error-2">
            {t('required')}
          </span>
        )}
      </div>
      {hint && (
        <p id={`${id}-hint`} className="text-dns-14N-130 text-solid-gray-700">
          {hint}
        </p>
      )}
      {children({ id, required, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error && (
        <p id={`${id}-error`} className="text-dns-14N-130 text-error-2">
          {error}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, error, required, className, ...rest }: FieldProps & ComponentProps<'input'>) {
  return (
    <Field {...{ label, hint, error, required }}>
      {(control) => <input {...rest} {...control} className={className ?? CONTROL_CLASS} />}
    </Field>
  );
}

export function TextAreaField({ label, hint, error, required, ...rest }: FieldProps & ComponentProps<'textarea'>) {
  return (
    <Field {...{ label, hint, error, required }}>
      {(control) => <textarea {...rest} {...control} className={CONTROL_CLASS} />}
    </Field>
  );
}

export interface Choice {
  value: string;
  label: string;
}

interface SelectFieldProps extends FieldProps, Omit<ComponentProps<'select'>, 'required'> {
  choices: readonly Choice[];
  /** Words of the empty choice; without it there is none. */
  placeholder?: string;
}

export function SelectField({ label, hint, error, required, choices, placeholder, ...rest }: SelectFieldProps) {
  return (
    <Field {...{ label, hint, error, required }}>
      {(control) => (
        <select {...rest} {...control} className={CONTROL_CLASS}>
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {choices.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
