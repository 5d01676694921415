'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type FormerOwner, unwrap } from '#libs/api-client';
import type { Column } from '../../components/data-table.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { Named } from '../../components/named.tsx';
import { ResourceTable } from '../../components/resource-table.tsx';
import { RowButton } from '../../components/row-button.tsx';
import { usePages } from '../../components/use-pages.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { useAttemptKey } from '../session/use-attempt-key.ts';
import { OwnerlessRuleLine } from './ownerless-rule.tsx';
import { HANDOVERS_KEY, OWNERLESS_KEY, useOwnerlessRule } from './use-transfers.ts';

/** People who left and what of theirs is still on this network, in counts; with what becomes of it, and the way to give it on. */
export function FormerOwners() {
  const t = useTranslations('transfers');
  const common = useTranslations('common');
  const mayWrite = can(useSignedIn(), 'handover:write');
  const [owner, setOwner] = useState<FormerOwner | null>(null);
  const owners = usePages(OWNERLESS_KEY, (cursor, signal) =>
    unwrap(api.GET('/api/v1/ownerless-content', { params: { query: { cursor } }, signal })),
  );
  const actions: Column<FormerOwner> = {
    key: 'actions',
    header: common('actions'),
    isActions: true,
    cell: (row) => (
      <RowButton
        label={t('handOver')}
        name={t('handOverOf', { name: row.displayName })}
        onPress={() => setOwner(row)}
      />
    ),
  };
  const columns = useOwnerColumns();
  return (
    <section className="flex flex-col gap-4">
      <p className="text-std-16N-170">{t('leftLead')}</p>
      <OwnerlessRuleLine mayWrite={mayWrite} />
      <ResourceTable
        caption={t('tabs.left')}
        query={owners}
        rows={owners.rows}
        rowKey={({ memberId }) => memberId}
        columns={mayWrite ? [...columns, actions] : columns}
        empty={t('leftEmpty')}
      />
      {owner && <HandOverDialog owner={owner} onClose={() => setOwner(null)} />}
    </section>
  );
}

function HandOverDialog({ owner, onClose }: { owner: FormerOwner; onClose: () => void }) {
  const t = useTranslations('transfers');
  const client = useQueryClient();
  const attempt = useAttemptKey();
  const { number } = useFormats();
  const { memberId, displayName: name } = owner;
  const handOver = async (body: Record<'toLoginId' | 'reason', string>) => {
    const params = { path: { id: memberId }, header: { 'Idempotency-Key': attempt.keyOf(body) } };
    await unwrap(api.POST('/api/v1/ownerless-content/{id}/handovers', { params, body }));
    attempt.spend();
    void client.invalidateQueries({ queryKey: HANDOVERS_KEY });
    await client.invalidateQueries({ queryKey: OWNERLESS_KEY });
  };
  return (
    <FormDialog
      title={t('handOverOf', { name })}
      lead={t('handOverLead', {
        name,
        conversations: number(owner.conversations),
        batches: number(owner.batches),
        templates: number(owner.templates),
      })}
      submitLabel={t('handOver')}
      fields={[
        { name: 'toLoginId', label: t('toLoginId'), hint: t('toLoginIdHint'), required: true, maxLength: 64 },
        { name: 'reason', label: t('reason'), hint: t('reasonHint'), required: true, maxLength: 200 },
      ]}
      onSubmit={handOver}
      onClose={onClose}
    />
  );
}

function useOwnerColumns(): Column<FormerOwner>[] {
  const t = useTranslations('transfers');
  const { day: written, number } = useFormats();
  const { rule } = useOwnerlessRule().data ?? {};
  const fate = ({ dueOn, heirName: name }: FormerOwner) => {
    if (!dueOn || rule === 'keep') return t('fate.keep');
    const day = written(dueOn);
    if (rule === 'delete') return t('fate.delete', { day });
    return name ? t('fate.manager', { day, name }) : t('fate.nobody');
  };
  return [
    {
      key: 'name',
      header: t('who'),
      isHeader: true,
      cell: ({ displayName, loginId }) => <Named name={displayName} code={loginId} />,
    },
    { key: 'department', header: t('lastDepartment'), cell: ({ departmentName }) => departmentName ?? '—' },
    { key: 'leftOn', header: t('leftOn'), cell: ({ leftOn }) => written(leftOn) },
    {
      key: 'conversations',
      header: t('conversations'),
      numeric: true,
      cell: ({ conversations }) => number(conversations),
    },
    { key: 'batches', header: t('batches'), numeric: true, cell: ({ batches }) => number(batches) },
    { key: 'templates', header: t('templates'), numeric: true, cell: ({ templates }) => number(templates) },
    { key: 'fate', header: t('fateHeading'), isProse: true, cell: fate },
  ];
}
