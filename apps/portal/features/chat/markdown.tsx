'use client';

import { type ReactNode, memo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { useTranslations } from 'use-intl';
import { CopyButton } from '../../components/copy-button.tsx';
import { useNetworkRules } from '../session/network-rules.ts';

/** Only what text needs. There is no raw HTML (react-markdown shows it as text), frame, form or picture among them. */
const ELEMENTS = [
  ...[
    'p',
    'br',
    'hr',
    'strong',
    'em',
    'del',
    'sup',
    'blockquote',
    'ul',
    'ol',
    'li',
    'code',
    'pre',
    'a',
    'img',
    'section',
  ],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'input'],
];

const COMPONENTS: Components = {
  // The page already has its h1 and each turn its h2: an answer's headings stand below them
  h1: ({ children }) => <h3 className="mt-6 text-std-20B-150 first:mt-0">{children}</h3>,
  h2: ({ children }) => <h3 className="mt-6 text-std-18B-160 first:mt-0">{children}</h3>,
  h3: ({ children }) => <h4 className="mt-4 text-std-17B-170 first:mt-0">{children}</h4>,
  h4: ({ children }) => <h5 className="mt-4 text-std-16B-170 first:mt-0">{children}</h5>,
  h5: ({ children }) => <h6 className="mt-4 text-std-16B-170 first:mt-0">{children}</h6>,
  h6: ({ children }) => <h6 className="mt-4 text-std-16B-170 first:mt-0">{children}</h6>,
  p: ({ children }) => <p className="my-3 first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => <ul className="my-3 list-disc pl-6">{children}</ul>,
  ol: ({ children, start }) => (
    <ol start={start} className="my-3 list-decimal pl-7">
      {children}
    </ol>
  ),
  li: ({ children }) => <li className="my-1">{children}</li>,
  blockquote: ({ children }) => (
    <blockquote className="my-3 border-l-4 border-solid-gray-300 pl-4 text-solid-gray-700">{children}</blockquote>
  ),
  hr: () => <hr className="my-6 border-solid-gray-300" />,
  pre: ({ children }) => (
    <pre
      tabIndex={0}
      className="my-3 overflow-x-auto rounded-8 bg-solid-gray-50 p-4 font-mono text-mono-14N-150 [&_code]:bg-transparent [&_code]:p-0"
    >
      {children}
    </pre>
  ),
  code: ({ children }) => (
    <code className="rounded-4 bg-solid-gray-50 px-1 font-mono text-[0.9em] break-all">{children}</code>
  ),
  table: ({ children }) => (
    <div role="group" tabIndex={0} className="my-3 overflow-x-auto">
      <table className="border-collapse text-std-16N-170">{children}</table>
    </div>
  ),
  th: ({ children }) => (
    <th className="min-w-20 border border-solid-gray-420 bg-solid-gray-50 px-3 py-2 text-left">{children}</th>
  ),
  td: ({ children }) => <td className="min-w-20 border border-solid-gray-420 px-3 py-2 align-top">{children}</td>,
  a: ({ href, children }) => <InertLink href={href}>{children}</InertLink>,
  img: ({ src, alt }) => <InertImage address={String(src ?? '')} alt={alt} />,
  // A task list's mark as text: an answer brings no control into the page
  input: ({ checked }) => <span>{checked ? '☑' : '☐'}</span>,
};

const PLUGINS = [remarkGfm];

/** A model's answer: hostile text. Nothing in it is fetched, and nothing in it can be followed to another place. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} allowedElements={ELEMENTS} unwrapDisallowed components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
});

function InertLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const t = useTranslations('chat');
  const { takeOut } = useNetworkRules();
  // Footnotes point into the page; they too stay text, because an answer must not decide where the reader goes
  if (!href || href.startsWith('#')) return <span>{children}</span>;
  return (
    <span>
      {children !== href && <>{children} </>}
      <span className="rounded-4 bg-solid-gray-50 px-1 font-mono text-[0.85em] break-all">{href}</span>{' '}
      {takeOut.copy && <CopyButton text={href} label={t('copyAddress')} size="xs" />}
    </span>
  );
}

function InertImage({ address, alt }: { address: string; alt: string | undefined }) {
  const t = useTranslations('chat');
  return (
    <span className="rounded-4 bg-solid-gray-50 px-1 text-[0.9em] break-all">
      {t('image', { alt: alt || t('imageUntitled') })} {address}
    </span>
  );
}
