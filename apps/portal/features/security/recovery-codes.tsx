'use client';

import { useTranslations } from 'use-intl';
import { Banner } from '../../components/banner.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';

/** They take the place of the form that was in use: the focus goes with them. */
const takeFocus = (codes: HTMLElement | null) => codes?.focus();

/** Shown once, to be printed or copied to where the person finds them without this PC. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = useTranslations('security');
  return (
    <div className="flex flex-col gap-4">
      <Banner tone="warning" title={t('codesTitle')}>
        <p>{t('codesLead')}</p>
      </Banner>
      <ul
        ref={takeFocus}
        tabIndex={-1}
        aria-label={t('codesTitle')}
        data-testid="recovery-codes"
        className="grid gap-2 rounded-8 bg-solid-gray-50 p-4 sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code} className="font-mono text-std-16N-170">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-3 print:hidden">
        <CopyButton text={codes.join('\n')} label={t('copyCodes')} />
        <Button look="outline" size="sm" onClick={() => window.print()}>
          {t('printCodes')}
        </Button>
        <Button size="sm" onClick={onDone}>
          {t('codesKept')}
        </Button>
      </div>
    </div>
  );
}
