import type { ReactNode } from 'react';
import { requirePlane } from '../plane.ts';

export default async function VendorPlane({ children }: { children: ReactNode }) {
  await requirePlane('vendor');
  return children;
}
