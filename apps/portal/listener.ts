const PLANES = { lgwan: 'city', my_number: 'city', internet: 'city', vendor: 'vendor' } as const;

export type Plane = (typeof PLANES)[keyof typeof PLANES];

/** The plane of the listener a request came through, as the ingress wrote it; undefined when none did. */
export function planeOf(headers: { get(name: string): string | null }): Plane | undefined {
  const listener = headers.get('x-moyai-ingress')?.split('.')[0];
  return Object.entries(PLANES).find(([name]) => name === listener)?.[1];
}
