'use client';

import { useTranslations } from 'use-intl';
import { ApiProblem, type IdentityProvider } from '#libs/api-client';
import { Banner } from '../../components/banner.tsx';
import { useProblemWords } from '../../components/problem-notice.tsx';
import { useFormats } from '../../i18n/use-formats.ts';

/** What came of the last trial: who would have been signed in, or why nobody. */
export function ProviderTest({ result }: { result: IdentityProvider['lastTest'] }) {
  const t = useTranslations('identityProviders');
  const words = useProblemWords();
  const { time } = useFormats();
  if (!result) return null;
  if (result.code !== null) {
    const { title } = words(new ApiProblem({ title: '', status: 401, code: result.code }));
    return (
      <Banner tone="error" title={t('testFailed', { time: time(result.at) })}>
        <p>{title}</p>
        <p className="text-dns-14N-130 text-solid-gray-700">{result.code}</p>
      </Banner>
    );
  }
  const { identity } = result;
  return (
    <Banner tone="success" title={t('testPassed', { time: time(result.at) })}>
      <p className="break-all">
        {t('testedAs', {
          subject: identity?.subject ?? '',
          loginId: identity?.loginId ?? t('nothing'),
          displayName: identity?.displayName ?? t('nothing'),
          department: identity?.departmentCode ?? t('nothing'),
        })}
      </p>
    </Banner>
  );
}
