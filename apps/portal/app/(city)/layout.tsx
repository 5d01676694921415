import type { ReactNode } from 'react';
import { requirePlane } from '../plane.ts';

export default async function CityPlane({ children }: { children: ReactNode }) {
  await requirePlane('city');
  return children;
}
