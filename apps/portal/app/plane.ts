import { headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { type Plane, planeOf } from '../listener.ts';

/**
 * Shows each listener its own plane: to the other one these pages do not exist. It reads the listener's name alone and
 * proves nothing; what a session may do is decided by the API, which checks the ingress signature.
 */
export async function requirePlane(plane: Plane): Promise<void> {
  if (planeOf(await headers()) !== plane) notFound();
}
