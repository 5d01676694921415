import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    propertyRuns: number | null;
  }
}

/** How many random cases a property is put to: `usual`, or what the variable PROPERTY_RUNS asks of this run. */
export const propertyRuns = (usual: number): number => inject('propertyRuns') ?? usual;
