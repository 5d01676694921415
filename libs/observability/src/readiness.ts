import { Injectable } from '@nestjs/common';

/** A thing this process needs in order to make progress. */
export interface ReadinessCheck {
  readonly name: string;
  /** Resolves when work is moving, rejects when it is not. Must answer within a second. */
  check(): Promise<void>;
}

/** Modules add what "ready" means for them; the health route asks all. */
@Injectable()
export class Readiness {
  private readonly checks: ReadinessCheck[] = [];

  add(check: ReadinessCheck): void {
    this.checks.push(check);
  }

  /** The outcome of every check by its name. */
  async ask(): Promise<{ ready: boolean; checks: Record<string, 'ok' | 'failing'> }> {
    const outcomes = await Promise.allSettled(this.checks.map(({ check }) => check()));
    const entries = outcomes.map(({ status }, index) => [
      this.checks[index]!.name,
      status === 'fulfilled' ? 'ok' : 'failing',
    ]);
    return { ready: outcomes.every(({ status }) => status === 'fulfilled'), checks: Object.fromEntries(entries) };
  }
}
