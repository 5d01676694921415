'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { CityNotice } from '#libs/api-client';
import { Badge, type BadgeTone } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormats } from '../../i18n/use-formats.ts';
import { useNotices, useReadNotice } from './use-notices.ts';

const TONES: Record<CityNotice['kind'], BadgeTone> = {
  'content-access': 'red',
  urgent: 'purple',
  maintenance: 'blue',
  budget: 'yellow',
  handover: 'green',
  'top-up': 'yellow',
  ending: 'red',
};

/** Everything the signed-in member is told now, of whatever kind. */
export function NoticesPage() {
  const t = useTranslations('notices');
  const notices = useNotices();
  const items = notices.data?.items ?? [];
  return (
    <>
      <PageHeader title={t('title')} lead={t('lead')} />
      {notices.isPending && <Skeleton rows={4} />}
      {notices.error && <ProblemNotice error={notices.error} onRetry={() => void notices.refetch()} />}
      {notices.data && items.length === 0 && <p className="rounded-8 bg-solid-gray-50 p-8 text-center">{t('empty')}</p>}
      {items.length > 0 && (
        <ul className="flex flex-col gap-4">
          {items.map((notice) => (
            <Item key={notice.id} notice={notice} />
          ))}
        </ul>
      )}
    </>
  );
}

function Item({ notice }: { notice: CityNotice }) {
  const t = useTranslations('notices');
  const read = useReadNotice();
  const { title, lines, href } = useWords()(notice);
  return (
    <li className="flex flex-col gap-2 rounded-8 border border-solid-gray-420 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={TONES[notice.kind]}>{t(`kinds.${notice.kind}`)}</Badge>
        {!notice.isRead && <Badge tone="red">{t('unread')}</Badge>}
      </div>
      <h2 className="text-std-16B-170">{title}</h2>
      {lines.map((line) => (
        <p key={line} className="text-std-16N-170 break-words whitespace-pre-wrap">
          {line}
        </p>
      ))}
      <div className="flex flex-wrap items-center gap-4">
        {href && (
          <Link href={href} className="text-key-900 underline underline-offset-4">
            {t('open')}
          </Link>
        )}
        {!notice.isRead && (
          <Button
            look="outline"
            size="sm"
            aria-label={t('readOf', { title })}
            inactive={read.isPending}
            onClick={() => read.mutate(notice.id)}
          >
            {t('markRead')}
          </Button>
        )}
      </div>
      {read.error && <ProblemNotice error={read.error} />}
    </li>
  );
}

interface Words {
  title: string;
  lines: string[];
  /** Where something can be done about it. */
  href?: string;
}

function useWords(): (notice: CityNotice) => Words {
  const t = useTranslations('notices');
  const budget = useTranslations('budget.notices');
  const { number, time, month, day } = useFormats();
  return (notice) => {
    switch (notice.kind) {
      case 'maintenance':
        return {
          title: notice.title,
          lines: [t('span', { from: time(notice.startsAt), until: time(notice.endsAt) }), notice.body],
        };
      case 'urgent':
        return {
          title: t('urgentTitle', { reason: notice.reason }),
          lines: [t('until', { time: time(notice.endsAt) })],
        };
      case 'content-access':
        return {
          title: t('accessTitle', { ticket: notice.ticket, who: notice.askedBy }),
          lines: [t('answerBy', { time: time(notice.lapsesAt) })],
          href: '/admin/vendor-access',
        };
      case 'handover':
        return {
          title: t('handoverTitle', { name: notice.from }),
          lines: [
            t('handoverCounts', {
              conversations: notice.conversations,
              batches: notice.batches,
              templates: notice.templates,
            }),
          ],
        };
      case 'top-up': {
        const lines = [t('topUpFacts', { month: month(notice.month), tokens: number(notice.tokens) })];
        const title = t(`topUps.${notice.state}`, { department: notice.departmentName });
        return { title, lines, href: '/admin/budget' };
      }
      case 'ending':
        return {
          title: t(`endings.${notice.what}`, { day: day(notice.endsOn), days: notice.daysLeft }),
          lines: [t(`endingLeads.${notice.what}`)],
        };
      case 'budget': {
        const who = notice.level === 'department' ? (notice.name ?? '') : budget(notice.level);
        const passed = notice.percent === 100 ? 'exhausted' : 'passed';
        return { title: budget(passed, { who, percent: notice.percent }), lines: [month(notice.month)] };
      }
    }
  };
}
