import type { ModelDeployment } from '#libs/config';
import type { TokenUsage } from './model-provider.ts';
import { CloudWatchInvocationLog } from './providers/bedrock/cloudwatch-invocation-log.ts';

/** A provider's own record of calls: what they used, also when its last event never reached us. */
export interface InvocationLog {
  /**
   * The usage of those calls that have ended and are on record; a call is there some time after its end, if it began at all.
   * @param since no call is looked for before this
   * @throws Error when the log cannot be read, which says nothing about the calls
   */
  find(callIds: readonly string[], since: Date): Promise<ReadonlyMap<string, TokenUsage>>;
}

/** The invocation logs of the deployments that this process is configured with. */
export class InvocationLogs {
  private readonly logs = new Map<string, InvocationLog | null>();

  constructor(deployments: readonly ModelDeployment[]) {
    for (const deployment of deployments) {
      const group = deployment.invocationLogGroup;
      this.logs.set(deployment.id, group ? new CloudWatchInvocationLog(deployment, group) : null);
    }
  }

  /** The log that a deployment's calls go into: null when it has none, undefined when the deployment is not known here. */
  of(deploymentId: string): InvocationLog | null | undefined {
    return this.logs.get(deploymentId);
  }
}
