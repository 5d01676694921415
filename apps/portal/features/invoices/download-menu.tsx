import { useTranslations } from 'use-intl';
import { buttonClass } from '../../components/button.tsx';

const ROOTS = { city: '/api/v1', finance: '/api/finance/v1' } as const;

interface DownloadMenuProps {
  /** Whose invoices: a city's own, or the vendor's. */
  plane: keyof typeof ROOTS;
  /** Of a draft only what may be looked at before it is issued. */
  invoice: { readonly id: string; readonly number: string | null };
}

/** The invoice as files: PDF at hand, the other formats behind it. The server names the files. */
export function DownloadMenu({ plane, invoice }: DownloadMenuProps) {
  const t = useTranslations('invoiceDownloads');
  const root = `${ROOTS[plane]}/invoices/${invoice.id}`;
  const files = [
    { key: 'xlsx', path: 'document.xlsx' },
    { key: 'lines', path: 'document.csv?table=lines' },
    { key: 'allocations', path: 'document.csv?table=allocations' },
    { key: 'usage', path: 'document.csv?table=usage' },
    ...(invoice.number === null ? [] : [{ key: 'jpPint', path: 'document.xml' } as const]),
    { key: 'focus', path: 'focus.csv' },
    { key: 'json', path: 'document.json' },
  ] as const;
  return (
    <div className="flex flex-wrap items-start gap-3 print:hidden">
      <a href={`${root}/document.pdf`} download className={buttonClass('outline')}>
        {t(invoice.number === null ? 'draftPdf' : 'pdf')}
      </a>
      <details className="rounded-8 border border-solid-gray-300">
        <summary className="min-h-12 cursor-pointer px-4 py-2.5 text-std-16B-170 text-key-900">{t('more')}</summary>
        <ul className="flex flex-col gap-1 px-4 pb-3">
          {files.map(({ key, path }) => (
            <li key={key}>
              <a href={`${root}/${path}`} download className={buttonClass('text', 'sm')}>
                {t(key)}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
