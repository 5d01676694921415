import { DomainError, type Segment } from '#libs/kernel';
import type { ModelPool } from '#libs/model-pool';

/** A policy names models that its network has. @throws DomainError JOBS.MODEL_UNKNOWN with the place of each that it has not */
export function demandModels(pool: ModelPool, segment: Segment, models: readonly string[] | null | undefined): void {
  const known = new Set(pool.models(segment).map(({ id }) => id));
  const faults = (models ?? []).flatMap((name, index) =>
    known.has(name) ? [] : [{ pointer: `/models/${index}`, message: `${name} は、このネットワークにないモデルです。` }],
  );
  if (faults.length > 0) throw new DomainError('JOBS.MODEL_UNKNOWN', { faults });
}
