'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { type Audience, type Me, type TemplateWithBody, unwrap } from '#libs/api-client';
import { Dialog } from '../../components/dialog.tsx';
import { DialogActions } from '../../components/dialog-actions.tsx';
import type { Choice } from '../../components/field.tsx';
import { FormDialog, type FormField } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useDepartmentChoices } from '../departments/use-departments.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { TEMPLATES_KEY, useTemplate } from './use-templates.ts';

type Values = Record<'title' | 'body' | 'note' | 'audience', string>;

/** `publish` and `copy` make another one of the same words, the one for others and the other for oneself. */
export type Writing = { as: 'new' } | { as: 'edit' | 'publish' | 'copy'; id: string };

export const mayPublish = ({ member: { role, department } }: Me): boolean =>
  role === 'admin' || (role === 'manager' && department !== null);

/** The one form in which a template is written, its words fetched first where there are some. */
export function TemplateDialog({ writing, onClose }: { writing: Writing; onClose: () => void }) {
  return writing.as === 'new' ? (
    <TemplateForm as="new" onClose={onClose} />
  ) : (
    <FetchedForm as={writing.as} id={writing.id} onClose={onClose} />
  );
}

function FetchedForm({ as, id, onClose }: { as: 'edit' | 'publish' | 'copy'; id: string; onClose: () => void }) {
  const t = useTranslations('templates');
  const template = useTemplate(id);
  if (template.data) return <TemplateForm as={as} template={template.data} onClose={onClose} />;
  return (
    <Dialog title={t(`writing.${as}`)} onClose={onClose}>
      {template.error ? (
        <ProblemNotice error={template.error} onRetry={() => void template.refetch()} />
      ) : (
        <Skeleton rows={4} />
      )}
      <DialogActions onLeave={onClose} />
    </Dialog>
  );
}

interface TemplateFormProps {
  as: Writing['as'];
  template?: TemplateWithBody;
  onClose: () => void;
}

function TemplateForm({ as, template, onClose }: TemplateFormProps) {
  const t = useTranslations('templates');
  const common = useTranslations('common');
  const client = useQueryClient();
  const attempt = useAttemptKey();
  const audiences = useAudiences(as);
  const save = async ({ title, body, note, audience }: Values) => {
    if (as === 'edit' && template) {
      const { id, version } = template;
      const change = { title, body, note: note || null, version };
      await unwrap(api.PUT('/api/v1/templates/{id}', { params: { path: { id } }, body: change }));
    } else {
      // Where there is no choice it is for oneself
      const wish = { title, body, ...(note && { note }), ...audienceOf(audience || 'own') };
      const params = { header: { 'Idempotency-Key': attempt.keyOf(wish) } };
      await unwrap(api.POST('/api/v1/templates', { params, body: wish }));
      attempt.spend();
    }
    await client.invalidateQueries({ queryKey: TEMPLATES_KEY });
  };
  const words: FormField<keyof Values>[] = [
    { name: 'title', label: t('name'), required: true, initial: template?.title, maxLength: 100 },
    {
      name: 'body',
      label: t('body'),
      hint: t('bodyHint', { open: '{', close: '}' }),
      required: true,
      lines: 8,
      initial: template?.body,
      maxLength: 20_000,
    },
    { name: 'note', label: t('note'), hint: t('noteHint'), initial: template?.note ?? '', maxLength: 500 },
  ];
  const audience: FormField<keyof Values> = {
    name: 'audience',
    label: t('audience'),
    hint: t('audienceHint'),
    required: true,
    choices: audiences,
    initial: audiences[0]?.value,
    pointer: ['/audience', '/departmentId'],
    codes: ['TEMPLATES.NOT_ALLOWED', 'TENANCY.DEPARTMENT_UNKNOWN'],
  };
  return (
    <FormDialog
      title={t(`writing.${as}`)}
      lead={as === 'publish' ? t('publishLead') : undefined}
      submitLabel={as === 'publish' ? t('publish') : common('save')}
      fields={as === 'publish' || (as === 'new' && audiences.length > 1) ? [...words, audience] : words}
      onSubmit={save}
      onClose={onClose}
    />
  );
}

const DEPARTMENT = 'department:';

/** Whom the reader may make it for, the likeliest first; a department by its id. */
function useAudiences(as: Writing['as']): Choice[] {
  const t = useTranslations('templates');
  const { member } = useSignedIn();
  const isAdmin = member.role === 'admin';
  const departments = useDepartmentChoices(isAdmin);
  const own = { value: 'own', label: t('audiences.own') };
  const published: Choice[] = [];
  if (isAdmin) {
    published.push({ value: 'city', label: t('audiences.city') });
    for (const { value, label: name } of departments)
      published.push({ value: DEPARTMENT + value, label: t('audienceOf', { name }) });
  } else if (member.role === 'manager' && member.department) {
    const { id, name } = member.department;
    published.push({ value: DEPARTMENT + id, label: t('audienceOf', { name }) });
  }
  if (as === 'publish') return published;
  return as === 'copy' ? [own] : [own, ...published];
}

const audienceOf = (value: string): { audience: Audience; departmentId?: string } =>
  value.startsWith(DEPARTMENT)
    ? { audience: 'department', departmentId: value.slice(DEPARTMENT.length) }
    : { audience: value === 'city' ? 'city' : 'own' };
