import type { ModelDeployment } from '#libs/config';
import { DomainError, type Segment } from '#libs/kernel';
import { ModelCall } from './model-call.ts';
import type { ModelProvider, ModelRequest } from './model-provider.ts';
import { createProvider } from './providers/create-provider.ts';
import type { ModelTimeouts } from './stream-deadlines.ts';

/** What a city may know of a model. */
export interface PublicModel {
  readonly id: string;
  readonly displayName: string;
  readonly simulated: boolean;
  readonly maxOutputTokens: number;
  readonly isDefault: boolean;
}

/**
 * The deployments every city shares, and the only way to call one. Choosing among several deployments of one model
 * happens in {@link deploymentFor} alone, so that quota state, breakers and fall-over have one place to live.
 */
export class ModelPool {
  private readonly providers = new Map<string, ModelProvider>();

  constructor(
    private readonly deployments: readonly ModelDeployment[],
    private readonly timeouts: ModelTimeouts,
  ) {}

  /** The models a segment may use, each public name once, in configured order; the first is the default. */
  models(segment: Segment): PublicModel[] {
    const firstOfName = new Map<string, ModelDeployment>();
    for (const deployment of this.open(segment)) {
      if (!firstOfName.has(deployment.model)) firstOfName.set(deployment.model, deployment);
    }
    return [...firstOfName.values()].map(({ model, displayName, simulated, maxOutputTokens }, index) => ({
      id: model,
      displayName,
      simulated,
      maxOutputTokens,
      isDefault: index === 0,
    }));
  }

  /**
   * The deployment to call for a public model name, or for the segment's default when none is named.
   * @throws DomainError JOBS.MODEL_UNKNOWN when this segment has no such model, even if another one has.
   */
  deploymentFor(model: string | undefined, segment: Segment): ModelDeployment {
    const chosen = this.open(segment).find((deployment) => model === undefined || deployment.model === model);
    if (!chosen) throw new DomainError('JOBS.MODEL_UNKNOWN');
    return chosen;
  }

  /** Streams that the whole pool can carry at once. */
  capacity(): number {
    return this.deployments.reduce((sum, { concurrency }) => sum + concurrency, 0);
  }

  /**
   * A call, not yet begun: it begins when it is iterated. See {@link ModelCall} for what it yields and throws.
   * @param leave aborts when the reader goes away; the call then only meters.
   */
  run(request: ModelRequest, leave?: AbortSignal): ModelCall {
    return new ModelCall(this.providerOf(request.deployment), request, this.timeouts, leave);
  }

  private open(segment: Segment): ModelDeployment[] {
    return this.deployments.filter(({ segments }) => segments.includes(segment));
  }

  /** One client per deployment for the life of the process: its connections are kept alive. */
  private providerOf(deployment: ModelDeployment): ModelProvider {
    let provider = this.providers.get(deployment.id);
    if (!provider) this.providers.set(deployment.id, (provider = createProvider(deployment)));
    return provider;
  }
}
