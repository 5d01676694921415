'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'use-intl';
import type { Messages } from '../../i18n/messages.ts';

/** In a window too low for all pages. The browser scrolls no further than it must. */
const keepInSight = (link: HTMLElement | null) => link?.scrollIntoView({ block: 'nearest' });

interface NavLinksProps {
  label: string;
  pages: readonly { page: keyof Messages['pages']; href: string }[];
}

/** A page of the navigation stays marked on the pages below it, unless those stand in the navigation themselves. */
export function NavLinks({ label, pages }: NavLinksProps) {
  const t = useTranslations('pages');
  const pathname = usePathname();
  if (pages.length === 0) return null;
  const isOver = (href: string, path: string) => path.startsWith(`${href}/`);
  const currentOf = (href: string): 'page' | 'true' | undefined => {
    if (pathname === href) return 'page';
    return isOver(href, pathname) && !pages.some((other) => isOver(href, other.href)) ? 'true' : undefined;
  };
  return (
    <nav aria-label={label} className="flex flex-col gap-1">
      <h2 className="px-3 text-dns-14B-130 text-solid-gray-700">{label}</h2>
      {pages.map(({ page, href }) => (
        <Link
          key={href}
          href={href}
          aria-current={currentOf(href)}
          ref={currentOf(href) && keepInSight}
          className="rounded-8 px-3 py-2 text-dns-16N-130 hover:bg-key-50 hover:underline [&[aria-current]]:bg-key-100 [&[aria-current]]:font-700 [&[aria-current]]:text-key-1000"
        >
          {t(page)}
        </Link>
      ))}
    </nav>
  );
}
