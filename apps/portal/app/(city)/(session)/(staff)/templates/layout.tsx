import type { ReactNode } from 'react';
import { PageBody } from '../../../../../features/session/shell.tsx';

export default function TemplatesLayout({ children }: { children: ReactNode }) {
  return <PageBody>{children}</PageBody>;
}
