'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { type CityExit, unwrap } from '#libs/api-client';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { can } from '../session/access.ts';
import { api } from '../session/api.ts';
import { useSignedIn } from '../session/city-shell.tsx';
import { DataExports } from './data-exports.tsx';
import { ExitCourse } from './exit-course.tsx';

const REFRESH_MS = 5_000;

/** What an administrator decides about the city's leaving, and all of the city's data to take along at any time. */
export function CityExitPage() {
  const t = useTranslations('exit');
  const own = useQuery({
    queryKey: ['exit'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/exit', { signal })),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageHeader title={t('cityTitle')} lead={t('cityLead')} />
      <section className="flex flex-col gap-3">
        <h2 className="text-std-20B-150">{t('exit')}</h2>
        {own.isPending && <Skeleton rows={3} />}
        {own.error && <ProblemNotice error={own.error} onRetry={() => void own.refetch()} />}
        {own.data &&
          (own.data.exit ? <OwnExit exit={own.data.exit} onDone={() => own.refetch()} /> : <p>{t('noExit')}</p>)}
      </section>
      <DataExports />
    </>
  );
}

function OwnExit({ exit, onDone }: { exit: CityExit; onDone: () => Promise<unknown> }) {
  const t = useTranslations('exit');
  const me = useSignedIn();
  const [isOpen, setOpen] = useState(false);
  const act = can(me, 'exit:agree') ? actOn(exit) : null;
  const { name } = me.city;
  const close = () => setOpen(false);
  return (
    <>
      <ExitCourse exit={exit} deletedAt={null} />
      {act && (
        <Button className="w-fit" onClick={() => setOpen(true)}>
          {t(`acts.${act}`)}
        </Button>
      )}
      {isOpen && act === 'agree' && (
        <FormDialog
          title={t('titles.agree', { name })}
          lead={t('leads.agree', { days: exit.waitingDays })}
          submitLabel={t('acts.agree')}
          danger
          fields={[
            {
              name: 'cityName',
              label: t('cityName', { name }),
              required: true,
              maxLength: 100,
              check: (value) => (value.normalize('NFKC') === name.normalize('NFKC') ? undefined : t('nameFault')),
            },
          ]}
          onSubmit={async () => {
            await unwrap(api.POST('/api/v1/exit/agree'));
            await onDone();
          }}
          onClose={close}
        />
      )}
      {isOpen && act === 'receive' && (
        <ConfirmDialog
          title={t('titles.receive', { name })}
          confirmLabel={t('acts.receive')}
          onConfirm={async () => {
            await unwrap(api.POST('/api/v1/exit/receive'));
            await onDone();
          }}
          onClose={close}
        >
          <p>{t('leads.receive', { days: exit.waitingDays })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function actOn({ state, agreedAt }: CityExit): 'agree' | 'receive' | null {
  if (state === 'planned' && agreedAt === null) return 'agree';
  return state === 'exported' ? 'receive' : null;
}
