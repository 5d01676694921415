import type { ReactNode } from 'react';
import { CityShell } from '../../../features/session/city-shell.tsx';

export default function CityLayout({ children }: { children: ReactNode }) {
  return <CityShell>{children}</CityShell>;
}
