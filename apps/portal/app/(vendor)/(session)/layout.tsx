import type { ReactNode } from 'react';
import { PageBody } from '../../../features/session/shell.tsx';
import { VendorShell } from '../../../features/session/vendor-shell.tsx';

export default function VendorLayout({ children }: { children: ReactNode }) {
  return (
    <VendorShell>
      <PageBody>{children}</PageBody>
    </VendorShell>
  );
}
