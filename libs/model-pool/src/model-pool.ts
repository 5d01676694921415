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

/** A public model name as one segment may use it: the deployments among which admission chooses. */
export interface ModelRoute {
  readonly model: string;
  readonly segment: Segment;
  readonly deployments: readonly ModelDeployment[];
  /** What every one of the deployments can answer: which of them will is not known when a job is accepted. */
  readonly maxOutputTokens: number;
  /** The largest grant among them: what needs more at once could wait for ever. */
  readonly tokensPerMinute: number;
}

/** The deployments every city shares, and the only way to call one. Which of them a job calls is decided by admission. */
export class ModelPool {
  private readonly providers = new Map<string, ModelProvider>();

  constructor(
    readonly deployments: readonly ModelDeployment[],
    private readonly timeouts: ModelTimeouts,
  ) {}

  /**
   * The models a segment may use, each public name once, in configured order; the first is the default.
   * @param allowed public names a city allows there; null: all
   */
  models(segment: Segment, allowed: readonly string[] | null = null): PublicModel[] {
    const names = new Set(this.open(segment).map(({ model }) => model));
    const usable = [...names].filter((name) => allowed?.includes(name) ?? true);
    return usable.map((name, index) => {
      const { model, deployments, maxOutputTokens } = this.route(name, segment, allowed);
      const { displayName, simulated } = deployments[0]!;
      return { id: model, displayName, simulated, maxOutputTokens, isDefault: index === 0 };
    });
  }

  /**
   * The way to a public model name, or to the segment's default when none is named.
   * @param allowed public names a city allows there; null: all
   * @throws DomainError JOBS.MODEL_UNKNOWN when this segment has no such model, even if another one has;
   *   TENANCY.MODEL_NOT_ALLOWED when it has, and the city keeps it from its people, or keeps every one
   */
  route(model: string | undefined, segment: Segment, allowed: readonly string[] | null = null): ModelRoute {
    const open = this.open(segment);
    const mayUse = (name: string): boolean => allowed?.includes(name) ?? true;
    const name = model ?? open.find((deployment) => mayUse(deployment.model))?.model ?? open[0]?.model;
    const deployments = open.filter((deployment) => deployment.model === name);
    if (name === undefined || deployments.length === 0) throw new DomainError('JOBS.MODEL_UNKNOWN');
    if (!mayUse(name)) throw new DomainError('TENANCY.MODEL_NOT_ALLOWED');
    return {
      model: name,
      segment,
      deployments,
      maxOutputTokens: Math.min(...deployments.map(({ maxOutputTokens }) => maxOutputTokens)),
      tokensPerMinute: Math.max(...deployments.map(({ tokensPerMinute }) => tokensPerMinute ?? Infinity)),
    };
  }

  /** The deployment that admission chose; undefined when this process was started without it. */
  deployment(id: string): ModelDeployment | undefined {
    return this.deployments.find((deployment) => deployment.id === id);
  }

  /** Whether a public name is answered by a simulator. Deployments of one name agree on it. */
  isSimulated(model: string): boolean {
    return this.deployments.some((deployment) => deployment.model === model && deployment.simulated);
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
