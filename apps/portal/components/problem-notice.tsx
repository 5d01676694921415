'use client';

import { useTranslations } from 'use-intl';
import { ApiProblem } from '#libs/api-client';
import { Banner } from './banner.tsx';
import { Button } from './button.tsx';

/** The words for a failure: the portal's own where it knows the code, else what the API sent. */
export function useProblemWords(): (error: Error) => { title: string; detail: string | undefined } {
  const t = useTranslations('problems');
  return (error) => {
    const problem = error instanceof ApiProblem ? error.problem : null;
    const key = (problem?.code ?? 'SYSTEM.UNEXPECTED') as Parameters<typeof t>[0];
    if (t.has(key)) return { title: t(key), detail: problem?.detail };
    return { title: problem?.title || t('SYSTEM.UNEXPECTED'), detail: problem?.detail };
  };
}

interface ProblemNoticeProps {
  error: Error;
  /** What the failure means here, where that matters more than what failed. */
  title?: string;
  onRetry?: () => void;
}

/** A refused or failed call: what is wrong, where, what to do, and the number to tell the help desk. */
export function ProblemNotice({ error, title: meaning, onRetry }: ProblemNoticeProps) {
  const t = useTranslations('common');
  const { title, detail } = useProblemWords()(error);
  const problem = error instanceof ApiProblem ? error.problem : null;
  // What is not there now, or not allowed, is so when asked for again
  const isFinal = error instanceof ApiProblem && (error.status === 404 || problem?.code === 'IDENTITY.FORBIDDEN');
  return (
    <Banner
      tone="error"
      role="alert"
      title={meaning ?? title}
      actions={
        onRetry &&
        !isFinal && (
          <Button look="outline" size="sm" onClick={onRetry}>
            {t('retry')}
          </Button>
        )
      }
    >
      {meaning && <p>{title}</p>}
      {detail && <p>{detail}</p>}
      {problem?.faults && problem.faults.length > 0 && (
        <ul className="list-disc pl-6">
          {problem.faults.map(({ pointer, message }) => (
            <li key={pointer + message}>{message}</li>
          ))}
        </ul>
      )}
      {problem?.requestId && (
        <p className="text-dns-14N-130 text-solid-gray-700">{t('requestId', { id: problem.requestId })}</p>
      )}
    </Banner>
  );
}
