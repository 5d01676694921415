'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem, type InvoiceDetail, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { jstToday } from '../../i18n/jst.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { useVendorMe } from '../session/use-session.ts';
import { type BulkStep, takeStep } from './bulk-dialog.tsx';
import { INVOICES_KEY, useYen } from './use-invoices.ts';

type Open = BulkStep | 'redraft' | 'return' | 'pay' | 'credit';

interface Action {
  open: Open;
  permission: string;
  states: readonly InvoiceDetail['state'][];
  isMain?: boolean;
}

const ACTIONS: readonly Action[] = [
  { open: 'review', permission: 'invoice:review', states: ['draft'], isMain: true },
  { open: 'redraft', permission: 'invoice:review', states: ['draft'] },
  { open: 'approve', permission: 'invoice:approve', states: ['reviewed'], isMain: true },
  { open: 'issue', permission: 'invoice:review', states: ['approved'], isMain: true },
  { open: 'return', permission: 'invoice:approve', states: ['reviewed', 'approved'] },
  { open: 'pay', permission: 'invoice:review', states: ['accepted'], isMain: true },
  { open: 'credit', permission: 'invoice:review', states: ['issued', 'disputed', 'accepted', 'paid'] },
];
const OF_INVOICES_ALONE = new Set<Open>(['redraft', 'pay', 'credit']);

/** What who is signed in may do with an invoice now. Approving is one press; what cannot be undone asks first. */
export function InvoiceActions({ invoice }: { invoice: InvoiceDetail }) {
  const t = useTranslations('invoices');
  const me = useVendorMe().data;
  const client = useQueryClient();
  const { month } = useFormats();
  const yen = useYen();
  const [open, setOpen] = useState<Open | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: INVOICES_KEY });
  const step = useMutation({ mutationFn: (wanted: BulkStep) => lead(wanted, invoice.id), onSettled: refresh });
  const actions = ACTIONS.filter(
    (action) =>
      me &&
      can(me, action.permission) &&
      action.states.includes(invoice.state) &&
      (invoice.kind === 'invoice' || !OF_INVOICES_ALONE.has(action.open)),
  );
  const path = { id: invoice.id };
  const close = () => setOpen(null);
  return (
    <>
      {step.error && <ProblemNotice error={step.error} />}
      {actions.map(({ open: which, isMain }) => (
        <Button
          key={which}
          look={isMain ? 'solid' : 'outline'}
          inactive={step.isPending}
          onClick={() => (which === 'review' || which === 'approve' ? step.mutate(which) : setOpen(which))}
        >
          {t(`steps.${which}`)}
        </Button>
      ))}
      {open === 'issue' && (
        <ConfirmDialog
          title={t('issueTitle')}
          confirmLabel={t('steps.issue')}
          onConfirm={async () => {
            await lead('issue', invoice.id);
            await refresh();
          }}
          onClose={close}
        >
          <p>{t('issueWhat', { city: invoice.cityName, month: month(invoice.month), total: yen(invoice.totalJpy) })}</p>
          <p>{t('bulkLead.issue')}</p>
        </ConfirmDialog>
      )}
      {open === 'redraft' && (
        <ConfirmDialog
          title={t('redraftTitle')}
          confirmLabel={t('steps.redraft')}
          onConfirm={async () => {
            await unwrap(api.POST('/api/finance/v1/invoices/{id}/redraft', { params: { path } }));
            await refresh();
          }}
          onClose={close}
        >
          {t('redraftLead')}
        </ConfirmDialog>
      )}
      {open === 'return' && (
        <FormDialog
          title={t('steps.return')}
          submitLabel={t('steps.return')}
          fields={[{ name: 'reason', label: t('reason'), required: true, maxLength: 500 }]}
          onSubmit={async (body) => {
            await unwrap(api.POST('/api/finance/v1/invoices/{id}/return', { params: { path }, body }));
            await refresh();
          }}
          onClose={close}
        />
      )}
      {open === 'pay' && (
        <FormDialog
          title={t('steps.pay')}
          submitLabel={t('steps.pay')}
          fields={[{ name: 'paidOn', label: t('paidOn'), required: true, isDay: true, initial: jstToday() }]}
          onSubmit={async (body) => {
            await unwrap(api.POST('/api/finance/v1/invoices/{id}/payment', { params: { path }, body }));
            await refresh();
          }}
          onClose={close}
        />
      )}
      {open === 'credit' && <CreditDialog invoice={invoice} onDone={refresh} onClose={close} />}
    </>
  );
}

/** @throws ApiProblem when it was refused */
async function lead(step: BulkStep, id: string): Promise<void> {
  const [code] = (await takeStep(step, [id])).keys();
  if (code) throw new ApiProblem({ title: code, status: 409, code });
}

interface CreditDialogProps {
  invoice: InvoiceDetail;
  onDone: () => Promise<unknown>;
  onClose: () => void;
}

/** Proposes to give back a part; another person approves it. */
function CreditDialog({ invoice, onDone, onClose }: CreditDialogProps) {
  const t = useTranslations('invoices');
  const common = useTranslations('common');
  const attempt = useAttemptKey();
  const departments = invoice.contents.allocations.flatMap(({ departmentId, departmentName }) =>
    departmentId ? [{ value: departmentId, label: departmentName }] : [],
  );
  return (
    <FormDialog
      title={t('steps.credit')}
      submitLabel={t('proposeCredit')}
      fields={[
        { name: 'description', label: t('description'), required: true, maxLength: 200 },
        {
          name: 'amount',
          label: t('creditAmount'),
          hint: t('creditHint'),
          required: true,
          inputMode: 'numeric',
          pointer: '/lines/0/amountJpy',
          check: (value) => (/^[1-9]\d*$/.test(value) ? undefined : common('wholeNumberFault')),
        },
        { name: 'departmentId', label: t('department'), choices: departments, placeholder: t('noDepartment') },
        { name: 'reason', label: t('reason'), required: true, maxLength: 500 },
      ]}
      onSubmit={async ({ description, amount, departmentId, reason }) => {
        const lines = [{ description, amountJpy: Number(amount), departmentId: departmentId || null }];
        const body = { reason, lines };
        const params = { path: { id: invoice.id }, header: { 'Idempotency-Key': attempt.keyOf(body) } };
        await unwrap(api.POST('/api/finance/v1/invoices/{id}/credit-notes', { params, body }));
        await onDone();
      }}
      onClose={onClose}
    />
  );
}
