'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { unwrap } from '#libs/api-client';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Tick } from '../segments/tick.tsx';
import { api } from '../session/api.ts';
import { OWN_MAIL_KEY, useOwnMail } from './use-own-mail.ts';

/** What one is told by mail. Not there where nothing is mailed. */
export function OwnMail() {
  const t = useTranslations('mails.own');
  const client = useQueryClient();
  const mail = useOwnMail();
  const change = useMutation({
    mutationFn: (refused: Topic[]) => unwrap(api.PUT('/api/v1/me/mail', { body: { refused } })),
    onSuccess: (changed) => client.setQueryData(OWN_MAIL_KEY, changed),
    // One after the other: each says all that is refused
    scope: { id: 'own-mail' },
  });
  if (mail.isPending || (mail.data && !mail.data.isOn)) return null;
  // What was ticked shows at once, and the next tick counts from it
  const asked = change.isPending ? change.variables : undefined;
  const topics = (mail.data?.topics ?? []).map(({ topic, isWanted }) => ({
    topic,
    isWanted: asked ? !asked.includes(topic) : isWanted,
  }));
  const turn = (one: Topic, isWanted: boolean) =>
    change.mutate(
      topics.filter(({ topic, isWanted: was }) => !(topic === one ? isWanted : was)).map(({ topic }) => topic),
    );
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-std-20B-150">{t('title')}</h2>
      {mail.error && <ProblemNotice error={mail.error} onRetry={() => void mail.refetch()} />}
      {mail.data && <p>{mail.data.address ? t('to', { address: mail.data.address }) : t('noAddress')}</p>}
      {topics.length > 0 && (
        <fieldset className="flex flex-col gap-3">
          <legend className="pb-3">{t('choose')}</legend>
          {topics.map(({ topic, isWanted }) => (
            <Tick
              key={topic}
              label={t(`topics.${topic}`)}
              checked={isWanted}
              onChange={(checked) => turn(topic, checked)}
            />
          ))}
        </fieldset>
      )}
      {change.error && <ProblemNotice error={change.error} />}
    </section>
  );
}

type Topic = NonNullable<ReturnType<typeof useOwnMail>['data']>['topics'][number]['topic'];
